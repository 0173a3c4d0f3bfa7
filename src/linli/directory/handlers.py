"""What directory hears, where an app with the address book's rights is the receiver (an ordinary app gets none of it)."""

from linli.directory.sync import confirm_left
from linli.wecom.event_types import Event, StaffDeleted


def on_staff_deleted(event: Event, *, corp_id: int) -> None:
    """A member was deleted: ask for them by name, and write that they left."""
    if isinstance(event, StaffDeleted):
        confirm_left(corp_id=corp_id, userids=[event.user_id])
