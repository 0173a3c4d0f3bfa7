"""The audit trail is kept by the month of its rows; a month stays while a row in it has not been sealed."""

from linli.kit.partitions import Partitioned

AUDIT = Partitioned(
    table="access_audit",
    moment="at",
    kind="audit",
    waits="EXISTS (SELECT 1 FROM {part} WHERE id > coalesce((SELECT max(to_id) FROM access_audit_seal), 0))",
    # Triggers on rows come with the parent, those on statements do not.
    guard="CREATE TRIGGER {part}_no_truncate BEFORE TRUNCATE ON {part} EXECUTE FUNCTION access_audit_refuse()",
    real=True,
)
PARTITIONED = (AUDIT,)
