"""Letting the author see a send on their own phone: its words as an application message, to one staff member, counted nowhere."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linli.access.api import EVERYTHING
from linli.connect import api as connect
from linli.directory import api as directory
from linli.kit.errors import Refused, Unavailable
from linli.messaging import content as contents
from linli.messaging import queries
from linli.messaging.variants import Names
from linli.wecom import attachments as wire
from linli.wecom.app_message_calls import Receivers
from linli.wecom.app_messages import AppText
from linli.wecom.errors import OutcomeUnknown, WecomError

MOST_BYTES = 2048  # of an application text (wire.md D); a mass message may have 4,000
KEEP = 100  # bytes of it for the last line, where the text is cut


class NoReceiver(Refused):
    """The account is nobody of the staff."""

    def __init__(self) -> None:
        message = _(
            "Your account has no WeCom userid, so nobody knows your phone. An administrator enters it under Accounts."
        )
        super().__init__("messaging.no_receiver", message)


def send_to(corp_id: int, send_id: int, userid: str) -> None:
    """Send this staff member the send's words, as their own customers would read them. Calls WeCom: not inside a transaction.

    NoReceiver; BadContent; Unavailable where WeCom refuses or may or may not have done it: nothing is tried twice.
    """
    row = queries.send(corp_id, EVERYTHING, send_id)
    who = next((one for one in directory.staff(corp_id=corp_id) if userid and one.userid == userid), None)
    line = connect.line(corp_id=corp_id)
    if who is None or line is None:
        raise NoReceiver
    content = contents.parse(row.content)
    contents.check(content)
    rendered = Names(corp_id, content).render(shop_id=who.shop_id, staff_id=who.id)
    try:
        connect.client(corp_id=corp_id).send_app_message(
            line.agent_id, Receivers(users=(userid,)), AppText(content=in_words(rendered))
        )
    except OutcomeUnknown as error:
        message = _("WeCom did not answer in time: it may have arrived. Look at your phone before you try again.")
        raise Unavailable("messaging.trial_unknown", message) from error
    except WecomError as error:
        raise Unavailable("messaging.trial_refused", connect.explain_error(error)) from error


def in_words(rendered: contents.Rendered) -> str:
    """The text and a line for each attachment, cut to what an application text holds."""
    parts = [rendered.text, *(_line(one) for one in rendered.attachments)]
    text = "\n\n".join(part for part in parts if part)
    if len(text.encode()) <= MOST_BYTES:
        return text
    return text.encode()[: MOST_BYTES - KEEP].decode(errors="ignore") + "…"


def _line(one: wire.Attachment) -> str:
    match one:
        case wire.Link():
            return f"[{one.title}] {one.url}"
        case wire.MiniProgram():
            return f"[{one.title}]"
        case _:
            return gettext("[picture]")
