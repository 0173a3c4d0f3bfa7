"""The audit trail's chain: what was sealed cannot be changed, taken away, added to or reordered without being named."""

import threading
import time
from types import SimpleNamespace

import pytest
from django.db import Error, connection, connections, transaction

from linli.access import api as access
from linli.access.audit_models import AuditRow, AuditSeal
from linli.access.audit_seals import head_file
from linli.project.doctor import store

pytestmark = pytest.mark.django_db(transaction=True)


def write(count=5, **more):
    for number in range(count):
        access.system_act(corp_id=1, action="test.done", subject=f"thing:{number}", after={"count": number}, **more)


def ids():
    return list(AuditRow.objects.order_by("id").values_list("id", flat=True))


@pytest.fixture
def chain(sealer):
    """Three links over five rows each."""
    for _ in range(3):
        write()
        assert sealer() == 5
    return ids()


def kinds():
    return [(problem.kind, problem.seal, problem.rows) for problem in access.verify_audit().problems]


def test_an_untouched_chain_is_sound(chain):
    verdict = access.verify_audit()
    assert (verdict.sound, verdict.seals, verdict.rows, verdict.unsealed) == (True, 3, 15, 0)
    write(2)
    assert (access.verify_audit().sound, access.verify_audit().unsealed) == (True, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_audit SET outcome = 500",
        "DELETE FROM access_audit",
        "TRUNCATE access_audit",
        "TRUNCATE access_audit_rest",
        "UPDATE access_audit_seal SET rows = 0",
        "DELETE FROM access_audit_seal",
        "TRUNCATE access_audit_seal",
    ],
)
def test_the_database_refuses_every_change(chain, statement):
    with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert access.verify_audit().sound
    assert len(ids()) == 15


def test_an_altered_row_is_named(chain, owner):
    owner(f"UPDATE access_audit SET who_id = 7 WHERE id = {chain[6]}")
    assert kinds() == [("row_altered", 2, (chain[6],))]


def test_the_doctor_says_that_the_trail_was_changed(chain, owner):
    ground = SimpleNamespace(database="here")
    assert [state for state, _says, _todo in store.audit(ground)] == ["ok"]
    owner(f"UPDATE access_audit SET who_id = 7 WHERE id = {chain[6]}")
    [(state, _says, todo)] = store.audit(ground)
    assert state == "fail"
    assert "linli audit verify" in str(todo)


def test_an_altered_time_is_named(chain, owner):
    owner(f"UPDATE access_audit SET at = at - interval '1 second' WHERE id = {chain[0]}")
    assert kinds() == [("row_altered", 1, (chain[0],))]


def test_a_removed_row_is_named(chain, owner):
    owner(f"DELETE FROM access_audit WHERE id = {chain[14]}")
    assert kinds() == [("row_removed", 3, (chain[14],))]


def test_a_row_slipped_into_a_sealed_range_is_named(owner, sealer):
    write(2)
    with pytest.raises(RuntimeError), transaction.atomic():
        write(1)  # takes an id and vanishes: a gap in a sealed range, as every rolled back act leaves one
        raise RuntimeError
    write(2)
    assert sealer() == 4
    gap = min(set(range(ids()[0], ids()[-1])) - set(ids()))
    assert access.verify_audit().sound
    owner(f"INSERT INTO access_audit (id, who_kind, action, outcome) VALUES ({gap}, 'account', 'sends:approval', 302)")
    assert kinds() == [("row_inserted", 1, (gap,))]


def test_swapped_rows_are_named(chain, owner):
    one, other = chain[5], chain[8]
    at = dict(AuditRow.objects.filter(id__in=(one, other)).values_list("id", "at"))
    owner(
        f"UPDATE access_audit SET id = -1, at = '{at[other].isoformat()}' WHERE id = {one}",
        f"UPDATE access_audit SET id = {one}, at = '{at[one].isoformat()}' WHERE id = {other}",
        f"UPDATE access_audit SET id = {other} WHERE id = -1",
    )
    assert kinds() == [("rows_reordered", 2, (one, other))]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_link_is_named_the_last_too(chain, owner, number):
    owner(f"DELETE FROM access_audit_seal WHERE number = {number}")
    assert ("seal_removed", number, ()) in kinds()


def test_an_end_cut_off_with_its_rows_is_named_and_nothing_is_sealed_behind_it(chain, owner, sealer):
    owner("DELETE FROM access_audit_seal WHERE number = 3", f"DELETE FROM access_audit WHERE id > {chain[9]}")
    assert kinds() == [("seal_removed", 3, ())]
    write()
    with pytest.raises(access.ChainBroken):
        sealer()
    assert access.accept_end() == (3, 2)
    assert sealer() == 5
    assert access.verify_audit().sound


def test_who_has_the_database_alone_can_forge_no_link(chain, owner):
    """The whole chain made anew over changed rows, by the same code, under a key that is not the master's."""
    from linli.access import audit_seals

    owner(f"UPDATE access_audit SET error = 'nothing' WHERE id = {chain[0]}", "TRUNCATE access_audit_seal")
    head, genuine = head_file().read_text(), audit_seals.seal_key
    head_file().unlink()
    audit_seals.seal_key = lambda: b"guessed" * 4
    try:
        audit_seals._seal_some(chain[-1])
    finally:
        audit_seals.seal_key = genuine
    head_file().write_text(head)
    assert not access.verify_audit().sound
    with connection.cursor() as cursor:  # and with the right key's name on it
        key = audit_seals.key_id()
        cursor.execute("ALTER TABLE access_audit_seal DISABLE TRIGGER USER")
        cursor.execute("UPDATE access_audit_seal SET key = %s", [key])
        cursor.execute("ALTER TABLE access_audit_seal ENABLE TRIGGER USER")
    head_file().unlink()
    assert ("seal_forged", 1, ()) in kinds()


def test_the_chain_goes_on_under_a_new_master_key(chain, sealer, monkeypatch, tmp_path):
    (tmp_path / "master.key").write_bytes(b"k" * 32)
    (tmp_path / "audit.head").write_text(head_file().read_text())
    monkeypatch.setenv("LINLI_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    assert access.verify_audit().sound
    write()
    assert sealer() == 5
    verdict = access.verify_audit()
    assert (verdict.sound, verdict.seals) == (True, 4)


@pytest.mark.parametrize("later", [0, 3])
def test_a_row_that_commits_late_is_waited_for(owner, sealer, later):
    """A writer takes its id and goes on working, the newest or not; the sealer passes nothing over and holds nobody up."""
    inside, leave = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                write(1)
                inside.set()
                assert leave.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert inside.wait(20)
    write(later)
    impatient = access.AuditSealer()
    assert impatient.seal(patience_s=0, pause=time.sleep) == 0
    assert not AuditSeal.objects.exists()
    leave.set()
    thread.join()
    assert impatient.seal(patience_s=10, pause=time.sleep) == 1 + later
    assert access.verify_audit().rows == 1 + later


def test_eight_writers_while_the_sealer_runs(owner):
    """No row is left out, no link is doubled, whatever commits or rolls back in between."""
    stop, sealed = threading.Event(), []

    def writer(number):
        try:
            for turn in range(200):
                if turn % 17 == 0:
                    with pytest.raises(RuntimeError), transaction.atomic():
                        write(1)
                        raise RuntimeError
                access.system_act(corp_id=1, action="test.done", subject=f"writer:{number}", after={"turn": turn})
        finally:
            connections.close_all()

    def seal():
        kept = access.AuditSealer()
        try:
            while not stop.is_set():
                sealed.append(kept.seal(patience_s=1, pause=time.sleep))
            sealed.append(kept.seal(patience_s=10, pause=time.sleep))
            sealed.append(kept.seal(patience_s=10, pause=time.sleep))
        finally:
            connections.close_all()

    writers = [threading.Thread(target=writer, args=(number,)) for number in range(8)]
    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join(120)
    stop.set()
    for thread in sealers:
        thread.join(30)
    verdict = access.verify_audit()
    assert (verdict.sound, verdict.rows, verdict.unsealed) == (True, 1600, 0)
    assert sum(sealed) == 1600
    assert verdict.seals > 2
    assert len(ids()) == 1600
