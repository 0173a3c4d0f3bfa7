"""What directory hears: that a member's UserID was changed. All else about the address book is found by comparing."""

from linli.directory import operations
from linli.wecom.event_types import Event, StaffUpdated


def on_contact(event: Event, *, corp_id: int) -> None:
    """Apply one change_contact event; they reach a house only by the callback of 通讯录同步 (wire.md B).

    Without it a renamed member looks like one who left and one who joined, because WeCom's lists do not say more.
    """
    if isinstance(event, StaffUpdated) and event.new_user_id and event.new_user_id != event.user_id:
        operations.rename_staff(corp_id=corp_id, was=event.user_id, userid=event.new_user_id)
