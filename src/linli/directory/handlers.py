"""What directory hears of the address book, where an app with its rights is the receiver; all else is found by comparing."""

from linli.directory.operations import ensure_staff
from linli.directory.renaming import rename_staff
from linli.directory.sync import confirm_left
from linli.kit.clock import from_unix
from linli.wecom.event_types import Event, StaffDeleted, StaffUpdated


def on_contact(event: Event, *, corp_id: int) -> None:
    """Apply one change_contact event; they reach a house only by the callback of 通讯录同步 (wire.md B).

    A member was deleted: that is WeCom's word, unless it shows them at work when asked by name (an old event, heard late).
    A UserID was changed: without the event a renamed member looks like one who left and one who joined, because WeCom's
    lists do not say more.
    """
    if isinstance(event, StaffDeleted):
        ensure_staff(corp_id=corp_id, userids=[event.user_id])  # what made them known may be told later
        confirm_left(corp_id=corp_id, userids=[event.user_id])
    if isinstance(event, StaffUpdated) and event.new_user_id and event.new_user_id != event.user_id:
        at = from_unix(event.created_at)
        rename_staff(corp_id=corp_id, was=event.user_id, userid=event.new_user_id, at=at)
