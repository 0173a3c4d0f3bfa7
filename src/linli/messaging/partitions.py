"""The recipients are kept by the month of their plan; a month stays while one of its sends is open."""

from linli.kit.partitions import Partitioned

RECIPIENTS = Partitioned(
    table="messaging_recipient",
    moment="planned_at",
    kind="recipients",
    waits="EXISTS (SELECT 1 FROM messaging_send s WHERE (s.state NOT IN ('done', 'cancelled') OR s.done_at IS NULL)"
    " AND EXISTS (SELECT 1 FROM {part} r WHERE r.corp_id = s.corp_id AND r.send_id = s.id))",
)
