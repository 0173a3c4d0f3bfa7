"""The WeCom client: every call that Linli makes, in one object."""

from linli.wecom.acquisition_link_calls import AcquisitionLinkCalls
from linli.wecom.album_calls import AlbumCalls
from linli.wecom.app_chat_calls import AppChatCalls
from linli.wecom.app_message_calls import AppMessageCalls
from linli.wecom.archive_calls import ArchiveCalls
from linli.wecom.contact_tag_calls import ContactTagCalls
from linli.wecom.contact_way_calls import ContactWayCalls
from linli.wecom.customer_calls import CustomerCalls
from linli.wecom.directory_calls import DirectoryCalls
from linli.wecom.group_calls import GroupCalls
from linli.wecom.group_welcome_calls import GroupWelcomeCalls
from linli.wecom.handover_calls import HandoverCalls
from linli.wecom.identifier_calls import IdentifierCalls
from linli.wecom.identity_calls import IdentityCalls
from linli.wecom.intercept_calls import InterceptCalls
from linli.wecom.join_way_calls import JoinWayCalls
from linli.wecom.kf_account_calls import KfAccountCalls
from linli.wecom.kf_calls import KfCalls
from linli.wecom.media_calls import MediaCalls
from linli.wecom.message_calls import MessageCalls
from linli.wecom.moment_calls import MomentCalls
from linli.wecom.statistic_calls import StatisticCalls
from linli.wecom.strategy_calls import StrategyCalls
from linli.wecom.tag_calls import TagCalls
from linli.wecom.transport import Budget, Lane, TokenSource

__all__ = ["Budget", "Client", "Lane", "TokenSource"]


class Client(
    DirectoryCalls,
    ContactTagCalls,
    IdentityCalls,
    CustomerCalls,
    ContactWayCalls,
    TagCalls,
    StrategyCalls,
    GroupCalls,
    JoinWayCalls,
    AcquisitionLinkCalls,
    AlbumCalls,
    InterceptCalls,
    MessageCalls,
    GroupWelcomeCalls,
    MomentCalls,
    AppMessageCalls,
    HandoverCalls,
    StatisticCalls,
    IdentifierCalls,
    MediaCalls,
    AppChatCalls,
    ArchiveCalls,
    KfCalls,
    KfAccountCalls,
):
    """One app of one corp, synchronous; see `Transport` for its arguments.

    Every call raises: ApiError (or a subclass) for a refusal, NotSent, NoAnswer (reads), OutcomeUnknown (writes)
    or BadAnswer where none came, MessageError for arguments WeCom is known to refuse.
    """
