-- What happened in this chunk, for the ledger.
SELECT a.id, a.is_refund, a.is_new, s.number, s.customer_id, s.buyer_ref, s.at, s.amount::text, s.currency, s.quantity,
       s.line_count, a.amount_before::text, a.customer_before
FROM staged_applied a
JOIN staged_order s ON s.number = a.number AND s.is_refund = a.is_refund
WHERE s.chunk = %(chunk)s AND s.kind <> 1
ORDER BY s.at, a.id
