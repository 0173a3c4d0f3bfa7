"""A person who is erased leaves a pseudonym in hand-overs, whose sums still add up."""

import pytest

from linli.customers.models import Customer
from linli.handover import api
from linli.handover.models import Call, CustomerMove, Handover, Unassigned
from linli.kit.clock import now
from linli.kit.errors import Unavailable
from linli.privacy import erasures
from linli.privacy.models import Erasure

TAKER = "clerk0-2"


def test_an_erasure_waits_for_a_call_under_way_and_leaves_a_pseudonym(firm):
    one, other = firm.befriended(2)
    firm.leaves()
    api.reconcile(corp_id=firm.corp_id)
    Handover.objects.all().delete()
    customer = Customer.objects.get(external_userid=one)
    key = firm.begin(takers=(TAKER,), work=False)
    Call.objects.update(called_at=now())
    erasure = erasures.begin(corp_id=firm.corp_id, customer_id=customer.pk, author="op", reason="asked")
    with pytest.raises(Unavailable):
        erasures.run(corp_id=firm.corp_id, erasure_id=erasure)
    assert CustomerMove.objects.filter(external_userid=one).exists()
    Call.objects.update(called_at=None)
    firm.work(key)
    erasures.run(corp_id=firm.corp_id, erasure_id=erasure)
    row = Erasure.objects.get(id=erasure)
    assert (row.state, row.left) == ("done", [])
    assert firm.states(key) == {f"erased:{customer.pk}": "no_result", other: "waiting"}
    assert not Unassigned.objects.filter(external_userid=one).exists()
    assert Unassigned.objects.filter(external_userid=other).exists()
    firm.a_day()
    firm.work(key)
    assert firm.states(key)[other] == "done"
    assert firm.state(key) == "done"
