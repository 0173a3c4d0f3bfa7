"""The table of members' days."""

from linli.connect.api import Diary
from linli.directory.models import StaffDay

STAFF_DAYS = Diary(
    rows=StaffDay.objects,
    figures=(
        "chats", "messages", "reply_percentage", "average_reply_minutes", "negative_feedbacks", "applications",
        "new_customers",
    ),
)  # fmt: skip
