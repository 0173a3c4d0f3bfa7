"""From an approved send to tasks at WeCom: intent, call, outcome; what is found half-way is looked up, never repeated."""

from django.db import connection, transaction

from linli.access import api as access
from linli.connect import api as connect
from linli.kit.clock import now
from linli.kit.killpoints import passing
from linli.messaging import content as contents
from linli.messaging import facts, months, planning, variants
from linli.messaging.models import Recipient, Send, StaffTask
from linli.messaging.operations import lookup, outcomes
from linli.messaging.operations.drafts import locked, note, say, write_plan
from linli.messaging.operations.locks import working_on
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, BadAnswer, MessageError, NotSent, OutcomeUnknown
from linli.wecom.message_calls import ChatType, MassMessageSpec

CUSTOMERS_A_CALL = 10_000
LAUNCHING = (Send.State.APPROVED, Send.State.CREATING)
OPEN_TASKS = (StaffTask.State.INTENT, StaffTask.State.UNKNOWN)
_LINK = """
    UPDATE messaging_recipient r SET task_id = t.task_id
    FROM unnest(%s::bigint[], %s::bigint[]) AS t (customer_id, task_id)
    WHERE r.corp_id = %s AND r.send_id = %s AND r.customer_id = t.customer_id AND r.planned_at BETWEEN %s AND %s
"""


def launch(corp_id: int, send_id: int) -> bool:
    """Make the tasks of an approved send, or go on with them; True when each has its outcome. Call it again until then."""
    with working_on(send_id) as mine:
        if not mine or not _prepare(corp_id, send_id):
            return False
        resolve(corp_id, send_id)
        return _finish(corp_id, send_id)


def resolve(corp_id: int, send_id: int) -> None:
    """Call WeCom for every task without an outcome; the caller holds the send's lock."""
    rows = StaffTask.objects.filter(corp_id=corp_id, send_id=send_id, state__in=OPEN_TASKS).order_by("id")
    client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
    for task in rows:
        try:
            _advance(client, task)
        except (ApiError, NotSent, connect.BudgetSpent):
            return  # the line is busy or down: what is left keeps its place and is taken up at the next call


def _advance(client: Client, task: StaffTask) -> None:
    if task.called_at is not None and lookup.settle(client, task) is not lookup.Verdict.NOT_THERE:
        return
    spec = MassMessageSpec(
        chat_type=ChatType.SINGLE,
        text=task.text,
        attachments=contents.from_wire_json(task.attachments),
        sender=task.userid,
        external_userids=outcomes.external_userids(task),
    )
    outcomes.calling(task)
    passing("messaging.intent")
    try:
        made = client.add_mass_message(spec)
    except (NotSent, connect.BudgetSpent):
        outcomes.not_called(task)
        raise
    except (OutcomeUnknown, BadAnswer):
        outcomes.unknown(task)
        lookup.settle(client, task)
    except ApiError as error:
        if error.meaning.retry is not Retry.NEVER:  # busy, too many calls, a token that ended twice: nothing was done
            outcomes.not_called(task)
            raise
        outcomes.failed(task, error.code, error.errmsg)
    except MessageError as error:
        outcomes.failed(task, error.code, str(error))
    else:
        passing("messaging.called")
        outcomes.created(task, made.msgid, made.fail_list)


def _prepare(corp_id: int, send_id: int) -> bool:
    """Plan once more at the moment of sending and write the intents; False when it is not (or not yet) to be sent."""
    with transaction.atomic():
        _one_at_a_time(corp_id)
        row = Send.objects.select_for_update().filter(corp_id=corp_id, id=send_id, state__in=LAUNCHING).first()
        if row is None:
            return False
        if row.state == Send.State.CREATING:
            return True
        made = write_plan(row, now())
        if made.moved_from is not None:
            row.send_at, row.moved_from = made.send_at, made.moved_from
            row.save(update_fields=["send_at", "moved_from"])
            return False
        _write_intents(row, made)
        row.state = Send.State.CREATING
        row.save(update_fields=["state"])
        note(row, row.state, "")
    return True


def _one_at_a_time(corp_id: int) -> None:
    """Two sends of a corp do not count the same customers' caps at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('linli.messaging.caps'), %s::int)", [corp_id])


def _write_intents(row: Send, made: planning.Plan) -> None:
    moment = now()
    tasks: list[StaffTask] = []
    members: list[tuple[int, ...]] = []
    for variant in variants.split(row.corp_id, contents.parse(row.content), made.choices):
        for start in range(0, len(variant.customer_ids), CUSTOMERS_A_CALL):
            part = variant.customer_ids[start : start + CUSTOMERS_A_CALL]
            members.append(part)
            tasks.append(
                StaffTask(
                    corp_id=row.corp_id,
                    send=row,
                    staff_id=variant.staff_id,
                    userid=variant.userid,
                    shop_id=variant.shop_id,
                    intent_key=f"{row.pk}:{variant.staff_id}:{variant.shop_id or 0}:{start // CUSTOMERS_A_CALL}",
                    text=variant.rendered.text,
                    attachments=contents.to_wire_json(variant.rendered.attachments),
                    size=len(part),
                    intent_at=moment,
                )
            )
    StaffTask.objects.bulk_create(tasks)
    customer_ids = [one for part in members for one in part]
    task_ids = [task.pk for task, part in zip(tasks, members, strict=True) for _ in part]
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [customer_ids, task_ids, row.corp_id, row.pk, *months.span(row)])


def _finish(corp_id: int, send_id: int) -> bool:
    """All tasks have their outcome: from here on results are pulled."""
    with transaction.atomic():
        row = locked(corp_id, send_id, (Send.State.CREATING,))
        tasks = StaffTask.objects.filter(corp_id=corp_id, send_id=send_id)
        if tasks.filter(state__in=OPEN_TASKS).exists():
            return False
        row.state, row.tasked_at, row.next_pull_at = Send.State.TASKED, now(), now()
        row.save(update_fields=["state", "tasked_at", "next_pull_at"])
        note(row, row.state, "")
        tasked = months.of_send(row).filter(state=Recipient.State.TASKED).count()
        made = tasks.filter(state=StaffTask.State.CREATED).count()
        access.system_act(
            corp_id=corp_id,
            action="messaging.launched",
            subject=f"send:{send_id}",
            after={"tasks": made, "tasked": tasked},
        )
        say(row, facts.SEND_LAUNCHED, {"name": row.name, "tasks": made, "tasked": tasked})
    return True
