-- Every customer's totals move by the difference, in the order of their ids (so that writers never wait in a circle).
INSERT INTO commerce_customertotals AS t (
    corp_id, customer_id, first_paid_at, last_paid_at, order_count, line_count, quantity, amount,
    refund_count, refund_amount, last_refunded_at)
SELECT %(corp)s, customer_id, min(paid_at), max(paid_at), sum(orders), sum(lines), sum(quantity), sum(amount),
       sum(refunds), sum(refunded), max(refunded_at)
FROM (
    SELECT s.customer_id, s.at AS paid_at, 1 AS orders, s.line_count AS lines, s.quantity, s.amount,
           0 AS refunds, 0 AS refunded, NULL::timestamptz AS refunded_at
    FROM staged_applied a JOIN staged_order s USING (number, is_refund) WHERE s.chunk = %(chunk)s AND s.kind = 0
    UNION ALL
    SELECT s.customer_id, NULL, 0, 0, 0, 0, 1, s.amount, s.at
    FROM staged_applied a JOIN staged_order s USING (number, is_refund) WHERE s.chunk = %(chunk)s AND s.kind = 2
    UNION ALL
    SELECT customer_before, NULL, -1, -line_count_before, -quantity_before, -amount_before, 0, 0, NULL
    FROM staged_applied WHERE was_purchase AND NOT is_refund
    UNION ALL
    SELECT customer_before, NULL, 0, 0, 0, 0, -1, -amount_before, NULL
    FROM staged_applied WHERE NOT is_new AND is_refund
) moved
WHERE customer_id IS NOT NULL
GROUP BY customer_id
ORDER BY customer_id
ON CONFLICT (corp_id, customer_id) DO UPDATE SET
    first_paid_at = least(t.first_paid_at, excluded.first_paid_at),
    last_paid_at = greatest(t.last_paid_at, excluded.last_paid_at),
    order_count = t.order_count + excluded.order_count,
    line_count = t.line_count + excluded.line_count,
    quantity = t.quantity + excluded.quantity,
    amount = t.amount + excluded.amount,
    refund_count = t.refund_count + excluded.refund_count,
    refund_amount = t.refund_amount + excluded.refund_amount,
    last_refunded_at = greatest(t.last_refunded_at, excluded.last_refunded_at)
