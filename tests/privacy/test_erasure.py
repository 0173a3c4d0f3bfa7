"""A person who asks is gone from everything Linli holds, provably, also when the erasure is killed on its way."""

import json
import os
import subprocess
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from linli.access import api as access
from linli.customers.models import Customer, Suppression
from linli.groups.models import Member
from linli.kit.clock import now
from linli.kit.errors import BadInput, NotFound, Unavailable
from linli.ledger.models import FactRow, InboxRow, Parked, ReplayRun
from linli.messaging.models import Recipient, StaffTask
from linli.privacy import api, erasures, journal
from linli.privacy import parts as engine
from linli.privacy.models import Erasure, ErasureStep
from linli.project.personal import NOT_PERSONAL, PARTS
from linli.project.postgres import binary
from tests.privacy.world import EXTERNAL, MALL, NAME, OTHER, PHONE, STRINGS, UNIONID, build

LEADS_TO_A_PERSON = {
    "customer_id", "external_userid", "unionid", "openid", "phone", "member_id", "buyer_ref", "holder_id", "claimant_id",
    "avatar", "remark", "address", "mobile", "email",
}  # fmt: skip


def erase(world, **more) -> Erasure:
    erasure = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked", **more)
    erasures.run(corp_id=world.corp_id, erasure_id=erasure)
    return Erasure.objects.get(id=erasure)


def dump() -> str:
    command = [binary("pg_dump"), "--data-only", "--no-owner", settings.DATABASES["default"]["NAME"]]
    base = settings.DATABASES["default"]
    env = {
        **os.environ, "PGHOST": str(base["OPTIONS"].get("host") or base["HOST"]), "PGPORT": str(base["PORT"] or ""),
        "PGUSER": str(base["USER"]), "PGPASSWORD": str(base["PASSWORD"]),
    }  # fmt: skip
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def readable(text: str) -> str:
    """The dump with its bytea in the clear: sealed bytes stay sealed, everything else can be read."""
    found = [text]
    for word in text.split():
        if word.startswith("\\\\x"):
            found.append(bytes.fromhex(word[3:]).decode("utf-8", "replace"))
    return "\n".join(found)


@pytest.mark.django_db(transaction=True)
def test_after_an_erasure_a_full_dump_of_the_database_holds_none_of_their_strings(lasting):
    before = readable(dump())
    assert [text for text in STRINGS if text not in before] == [], "the dump shows what the person left"
    export = api.ask_export(corp_id=lasting.corp_id, customer_id=lasting.customer, author="op", reason="check")
    from linli.privacy import exports

    exports.run(corp_id=lasting.corp_id, export_id=export)
    done = erase(lasting)
    assert (done.state, done.left) == ("done", [])
    after = readable(dump())
    assert [text for text in STRINGS if text in after] == []
    assert OTHER in after, "the neighbour stays"
    assert journal.path().exists()
    assert not any(text in journal.path().read_text() for text in STRINGS)


def test_what_stays_is_a_number_without_a_person_and_the_sums_stay_right(world):
    from linli.commerce import api as commerce

    before = commerce.figures(corp_id=world.corp_id)
    members = Member.objects.filter(corp_id=world.corp_id, left_at=None).count()
    erase(world)
    assert commerce.figures(corp_id=world.corp_id) == before
    assert Member.objects.filter(corp_id=world.corp_id, left_at=None).count() == members
    row = Customer.objects.get(id=world.customer)
    assert (row.name, row.external_userid, row.unionid, row.consent) == ("", None, None, False)
    assert row.erased_at is not None
    assert Recipient.objects.get(customer_id=world.customer).external_userid == f"erased:{world.customer}"
    assert StaffTask.objects.get(id=world.task).fail_list == [f"erased:{world.customer}", OTHER]
    facts = FactRow.objects.filter(customer_id=world.customer)
    assert facts.filter(kind="customers.follow_added", data__has_key="staff").exists()
    assert not facts.filter(data__has_key="external_userid").exists()
    assert not InboxRow.objects.filter(state=0).exists(), "their own waiting callbacks have no effect any more"
    assert InboxRow.objects.filter(kind__startswith="change_external_contact", event_at__isnull=False).count() == 6
    [dropped] = Parked.objects.all()
    assert (dropped.settled_by, dropped.subject) == ("op", f"customer:erased:{world.customer}"), (
        "the other could go again"
    )


def test_errors_and_reasons_that_name_them_lose_them(world):
    Parked.objects.update(error=f"seen {EXTERNAL}", trace=f"at {EXTERNAL}", reason=f"{PHONE} asked for it")
    Parked.objects.create(
        corp_id=world.corp_id, subscriber="a", fact_id=1, kind="k", subject=f"customer:{world.neighbour}", state=2,
        error=f"seen {UNIONID}", noted_at=now(),
    )  # fmt: skip
    ReplayRun.objects.create(
        subscriber="a", dry=True, from_position=0, to_position=1, position=1, error=f"seen {UNIONID}",
        failing=[{"fact": 1, "subject": "customer:1", "error": f"seen {EXTERNAL}"}], asked_at=now(),
    )  # fmt: skip
    row = erase(world)
    assert (row.state, row.left) == ("done", [])
    assert Parked.objects.get(fact_id=1).error == f"seen erased:{world.customer}"
    assert ReplayRun.objects.get().failing[0]["error"] == f"seen erased:{world.customer}"
    assert Parked.objects.get(inbox_id__isnull=False).reason == f"erased:{world.customer} asked for it"


def test_the_proof_names_nobody_and_its_digest_can_be_checked(world):
    row = erase(world)
    proof = api.erasure_proof(corp_id=world.corp_id, erasure_id=row.pk)
    text = json.dumps(proof, ensure_ascii=False)
    assert not any(one in text for one in STRINGS)
    assert erasures.digest(proof) == row.digest
    rows = {one["table"]: one["rows"] for one in proof["steps"] if one["rows"]}
    assert rows["commerce_order"] == 2
    assert rows["customers_identity"] == 4
    assert rows["ledger_inbox"] == 5
    assert proof["asked_by"] == "op"
    assert proof["searched_columns"] > 100


def test_the_plan_says_before_what_will_be_done(world):
    plan = {line.title: line for line in api.erasure_plan(corp_id=world.corp_id, customer_id=world.customer)}
    assert plan["Orders"].act == "scrub"
    assert plan["Orders"].rows == 2
    assert plan["Lines of the orders"].act == "keep"
    assert plan["Known as"].act == "delete"
    proof = api.erasure_proof(corp_id=world.corp_id, erasure_id=erase(world).pk)
    planned = sum(line.rows for line in plan.values())
    assert planned == sum(one["rows"] for one in proof["steps"])


def test_it_takes_the_customers_number_to_confirm(world):
    for typed in ("", "yes", "99"):
        with pytest.raises(BadInput):
            api.ask_erasure(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked", typed=typed)
    assert not Erasure.objects.exists()
    assert Customer.objects.get(id=world.customer).name == NAME
    number = Customer.objects.get(id=world.customer).no
    made = api.ask_erasure(
        corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked", typed=f" {number} "
    )
    again = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
    assert made == again, "one erasure at a time"


class Killed(BaseException):
    """Stands for the process that dies."""


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_point_it_goes_on_and_ends_the_same(corp, monkeypatch):
    """A process that dies in a transaction leaves what was committed before it: so each transaction's start is a point."""
    whole = build(corp.id)
    expected = _outcome(erase(whole))
    other = access.create_corp(wecom_id="ww-killed", name="被打断")
    world = build(other.id)
    erasure = erasures.begin(corp_id=other.id, customer_id=world.customer, author="op", reason="asked")
    carry_out, deaths = engine.carry_out, 0
    while Erasure.objects.get(id=erasure).state != "done":
        seen = []

        def die(part, given, reached, seen=seen):
            seen.append(part.table)
            result = carry_out(part, given, reached)
            if len(seen) == 2:
                raise Killed
            return result

        monkeypatch.setattr(erasures, "carry_out", die)
        try:
            erasures.run(corp_id=other.id, erasure_id=erasure)
        except Killed:
            deaths += 1
        assert deaths < 100
    assert deaths >= len(PARTS) - 2
    assert _outcome(Erasure.objects.get(id=erasure)) == expected


def _outcome(row: Erasure) -> list[tuple[str, str, int]]:
    steps = ErasureStep.objects.filter(erasure=row).order_by("position")
    return [(one.table, one.act, one.rows) for one in steps]


def test_it_waits_while_a_message_to_them_is_being_handed_over(world):
    StaffTask.objects.filter(id=world.task).update(state="unknown", called_at=now())
    erasure = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
    with pytest.raises(Unavailable):
        erasures.run(corp_id=world.corp_id, erasure_id=erasure)
    assert Recipient.objects.get(customer_id=world.customer).external_userid == EXTERNAL
    StaffTask.objects.filter(id=world.task).update(state="created")
    erasures.run(corp_id=world.corp_id, erasure_id=erasure)
    assert Erasure.objects.get(id=erasure).state == "done"


def test_what_the_search_finds_keeps_the_erasure_open_until_it_is_gone(world):
    Customer.objects.filter(id=world.neighbour).update(channel_state=f"from {EXTERNAL}")
    row = erase(world)
    assert (row.state, row.left) == ("failed", ["customers_customer"])
    Customer.objects.filter(id=world.neighbour).update(channel_state="")
    erasures.again(corp_id=world.corp_id, erasure_id=row.pk)
    erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.left, row.subject_sealed) == ("done", [], None)


def test_no_table_that_leads_to_a_person_is_forgotten(db):
    """A new column that may hold personal data must be in a room's personal.py, or named with its reason."""
    covered = {part.table for part in PARTS}
    missing, existing = [], set()
    for model in apps.get_models():
        if not model.__module__.startswith("linli."):
            continue
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields:
            column = f"{table}.{field.column}"
            existing.add(column)
            holds = isinstance(field, models.JSONField | models.BinaryField) or field.column in LEADS_TO_A_PERSON
            if holds and table not in covered and column not in NOT_PERSONAL:
                missing.append(column)
    assert missing == [], "list these in the room's personal.py, or in NOT_PERSONAL with the reason"
    assert sorted(set(NOT_PERSONAL) - existing) == [], "these are no columns any more"


def test_another_corp_cannot_see_or_erase(world):
    other = access.create_corp(wecom_id="ww-else", name="else").id
    for call in (
        lambda: api.erasure_plan(corp_id=other, customer_id=world.customer),
        lambda: erasures.begin(corp_id=other, customer_id=world.customer, author="x", reason="asked"),
        lambda: api.ask_export(corp_id=other, customer_id=world.customer, author="x", reason="check"),
        lambda: api.erasure_proof(corp_id=other, erasure_id=erase(world).pk),
    ):
        with pytest.raises(NotFound):
            call()


def test_reapply_after_a_restore_erases_again_who_came_back(world):
    """The backup is older than the erasure: the rows are back, the list of the suppressed is not."""
    journal.path().unlink(missing_ok=True)
    erase(world)
    erased_at = Erasure.objects.get().asked_at
    Suppression.objects.all().delete()
    Erasure.objects.update(state="done")
    Customer.objects.filter(id=world.customer).update(
        external_userid=EXTERNAL, name=NAME, erased_at=None, created_at=erased_at - timedelta(days=9)
    )
    assert api.reapply_erasures() == 1
    [again] = erasures.open_erasures(corp_id=world.corp_id)
    erasures.run(corp_id=world.corp_id, erasure_id=again)
    assert Customer.objects.get(id=world.customer).name == ""
    assert Suppression.objects.filter(kind="external_userid", lifted_at=None).exists()
    assert api.reapply_erasures() == 0, "twice is once"
    assert MALL not in journal.path().read_text()
