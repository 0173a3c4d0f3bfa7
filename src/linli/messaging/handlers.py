"""What messaging hears: that a staff member has another UserID."""

from django.db import transaction

from linli.ledger.api import Fact
from linli.messaging.models import Moment, StaffTask


@transaction.atomic
def on_staff_renamed(fact: Fact) -> None:
    """WeCom tells of their tasks and moments under the new id from now on (fact directory.staff_renamed)."""
    was, userid = fact.data["was"], fact.data["userid"]
    StaffTask.objects.filter(corp_id=fact.corp_id, userid=was).update(userid=userid)
    Moment.objects.filter(corp_id=fact.corp_id, creator_userid=was).update(creator_userid=userid)
