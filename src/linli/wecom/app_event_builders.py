"""How the events about the acquisition assistant, the app and its jobs are read (wire.md F.4)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from linli.wecom import app_event_types as t
from linli.wecom.elements import Elements
from linli.wecom.event_types import Event

_Plain = TypeVar("_Plain", bound=Event)
_App = TypeVar("_App", bound=t.AppEvent)


def _plain(kind: type[_Plain], x: Elements) -> _Plain:
    return kind(**x.header)


def _quota_expiring(x: Elements) -> t.AcquisitionQuotaExpiring:
    return t.AcquisitionQuotaExpiring(
        **x.header,
        expires_at=x.integer("ExpireTime"),
        expiring_count=x.integer("ExpireQuotaNum"),
    )


def _link_unavailable(x: Elements) -> t.AcquisitionLinkUnavailable:
    return t.AcquisitionLinkUnavailable(**x.header, link_id=x.text("LinkId"))


def _link_deleted(x: Elements) -> t.AcquisitionLinkDeleted:
    return t.AcquisitionLinkDeleted(**x.header, link_id=x.text("LinkId"))


def _profile_opened(x: Elements) -> t.AcquisitionProfileOpened:
    return t.AcquisitionProfileOpened(**x.header, link_id=x.text("LinkId"), state=x.maybe("State"))


def _friend_requested(x: Elements) -> t.AcquisitionFriendRequested:
    return t.AcquisitionFriendRequested(**x.header, link_id=x.text("LinkId"), state=x.maybe("State"))


def _chat_started(x: Elements) -> t.AcquisitionChatStarted:
    return t.AcquisitionChatStarted(
        **x.header,
        user_id=x.text("UserID"),
        external_user_id=x.text("ExternalUserID"),
        link_id=x.text("LinkId"),
    )


def _message_received(x: Elements) -> t.AcquisitionMessageReceived:
    return t.AcquisitionMessageReceived(
        **x.header,
        link_id=x.text("LinkId"),
        chat_key=x.text("ChatKey"),
        user_id=x.maybe("UserID"),
        external_user_id=x.maybe("ExternalUserID"),
        chat_seq=x.maybe_integer("ChatSeq"),
    )


def _batch_job_finished(x: Elements) -> t.BatchJobFinished:
    job = x.child("BatchJob")
    return t.BatchJobFinished(
        **x.header,
        job_id=job.text("JobId"),
        job_type=job.text("JobType"),
        error_code=job.integer("ErrCode"),
        error_text=job.sent("ErrMsg") or "",
    )


def _media_upload_finished(x: Elements) -> t.MediaUploadFinished:
    return t.MediaUploadFinished(**x.header, job_id=x.text("JobId"))


def _archive_notified(x: Elements) -> t.ArchiveNotified:
    return t.ArchiveNotified(**x.header, agent_id=x.integer("AgentID"))


def _service_message_arrived(x: Elements) -> t.ServiceMessageArrived:
    return t.ServiceMessageArrived(**x.header, token=x.text("Token"), open_kfid=x.text("OpenKfId"))


def _app(kind: type[_App], x: Elements) -> _App:
    # In the app's own events FromUserName is the person, not `sys`.
    return kind(**x.header, user_id=x.text("FromUserName"), agent_id=x.integer("AgentID"))


def _menu_clicked(x: Elements) -> t.MenuClicked:
    return t.MenuClicked(
        **x.header,
        user_id=x.text("FromUserName"),
        agent_id=x.integer("AgentID"),
        event_key=x.text("EventKey"),
    )


def _card_pressed(x: Elements) -> t.CardPressed:
    return t.CardPressed(
        **x.header,
        user_id=x.text("FromUserName"),
        agent_id=x.integer("AgentID"),
        event_key=x.text("EventKey"),
        task_id=x.text("TaskId"),
        card_type=x.text("CardType"),
        response_code=x.text("ResponseCode"),
        selected_items=tuple(
            t.SelectedItem(
                question_key=item.text("QuestionKey"),
                option_ids=item.items("OptionIds", "OptionId"),
            )
            for item in x.children("SelectedItems", "SelectedItem")
        ),
    )


APP_BUILDERS: Mapping[str, Callable[[Elements], Event]] = {
    "customer_acquisition.balance_low": partial(_plain, t.AcquisitionBalanceLow),
    "customer_acquisition.balance_exhausted": partial(_plain, t.AcquisitionBalanceExhausted),
    "customer_acquisition.balance_increased": partial(_plain, t.AcquisitionBalanceIncreased),
    "customer_acquisition.quota_expire_soon": _quota_expiring,
    "customer_acquisition.link_unavailable": _link_unavailable,
    "customer_acquisition.delete_link": _link_deleted,
    "customer_acquisition.open_profile": _profile_opened,
    "customer_acquisition.friend_request": _friend_requested,
    "customer_acquisition.customer_start_chat": _chat_started,
    "customer_acquisition.message_from_customer": _message_received,
    "batch_job_result": _batch_job_finished,
    "upload_media_job_finish": _media_upload_finished,
    "msgaudit_notify": _archive_notified,
    "kf_msg_or_event": _service_message_arrived,
    "subscribe": partial(_app, t.AppSubscribed),
    "unsubscribe": partial(_app, t.AppUnsubscribed),
    "enter_agent": partial(_app, t.AppEntered),
    "click": _menu_clicked,
    "template_card_event": _card_pressed,
}
