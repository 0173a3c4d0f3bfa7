-- The totals of these customers, added up afresh from their documents (the rows are locked by totals_lock before).
UPDATE commerce_customertotals t
SET first_paid_at = o.first_at, last_paid_at = o.last_at, order_count = o.orders, line_count = o.lines,
    quantity = o.quantity, amount = o.amount, refund_count = r.refunds, refund_amount = r.amount,
    last_refunded_at = r.last_at
FROM (SELECT DISTINCT unnest(%(customers)s::bigint[]) AS id) c
CROSS JOIN LATERAL (
    SELECT min(paid_at) AS first_at, max(paid_at) AS last_at, count(*) AS orders, coalesce(sum(line_count), 0) AS lines,
           coalesce(sum(quantity), 0) AS quantity, coalesce(sum(amount), 0) AS amount
    FROM commerce_order WHERE corp_id = %(corp)s AND customer_id = c.id AND kind = 'order') o
CROSS JOIN LATERAL (
    SELECT count(*) AS refunds, coalesce(sum(amount), 0) AS amount, max(refunded_at) AS last_at
    FROM commerce_refund WHERE corp_id = %(corp)s AND customer_id = c.id) r
WHERE t.corp_id = %(corp)s AND t.customer_id = c.id
