-- Documents that are there with other content: locked, and what they said before kept for the difference.
INSERT INTO staged_applied
SELECT d.number, {is_refund}, d.id, false, {was_purchase}, d.customer_id, d.{at}, d.amount, d.quantity, d.line_count
FROM staged_order s
JOIN {table} d ON d.corp_id = %(corp)s AND d.source = %(source)s AND d.number = s.number
WHERE s.chunk = %(chunk)s AND s.is_refund = {is_refund} AND d.content_hash <> s.content_hash
ORDER BY d.number
FOR UPDATE OF d
