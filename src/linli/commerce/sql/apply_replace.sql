-- What the source says now takes the place of what it said before; the lines follow in apply_lines.
UPDATE {table} d
SET ({kind_column}customer_id, buyer_ref, {at}, amount, currency, quantity, line_count, region, content_hash, changed_at)
  = ({kind_value}s.customer_id, s.buyer_ref, s.at, s.amount, s.currency, s.quantity, s.line_count, s.region,
     s.content_hash, %(now)s)
FROM staged_applied a
JOIN staged_order s ON s.number = a.number AND s.is_refund = a.is_refund AND s.chunk = %(chunk)s
WHERE d.id = a.id AND NOT a.is_new AND a.is_refund = {is_refund}
