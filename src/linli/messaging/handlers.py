"""What messaging hears: that a staff member has another UserID, or turned out to be two rows."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from linli.connect import api as connect
from linli.ledger.api import Fact
from linli.messaging.models import Moment, MomentCopy, Recipient, StaffTask


@transaction.atomic
def on_staff_renamed(fact: Fact) -> None:
    """WeCom tells of their tasks and moments under the new id from now on (fact directory.staff_renamed); or two rows were
    one member (fact staff_merged).
    """
    if "was_staff_id" in fact.data:
        _merge(fact)
        return
    was, userid = fact.data["was"], fact.data["userid"]
    StaffTask.objects.filter(corp_id=fact.corp_id, userid=was).update(userid=userid)
    planned = Recipient.objects.filter(corp_id=fact.corp_id, userid=was, state=Recipient.State.PLANNED)
    planned.update(userid=userid)
    Moment.objects.filter(corp_id=fact.corp_id, creator_userid=was).update(creator_userid=userid)


def _merge(fact: Fact) -> None:
    """Tasks, recipients and moments of the one row are the other's."""
    corp_id, was, to = fact.corp_id, fact.data["was_staff_id"], fact.data["staff_id"]
    StaffTask.objects.filter(corp_id=corp_id, staff_id=was).update(staff_id=to)
    Recipient.objects.filter(corp_id=corp_id, staff_id=was).update(staff_id=to)
    copies = MomentCopy.objects.filter(corp_id=corp_id)
    better = copies.filter(staff_id=was, moment=OuterRef("moment"), published_by__isnull=False)
    copies.filter(Exists(better), staff_id=to, published_by=None).delete()
    connect.hand_on(copies, "staff_id", was, to, once=("moment",))
