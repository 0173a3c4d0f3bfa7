-- The lines of what is about to be replaced.
DELETE FROM {lines} l
USING staged_applied a
WHERE l.{key} = a.id AND NOT a.is_new AND a.is_refund = {is_refund}
