-- A row for each of these customers, locked in the order of their ids.
INSERT INTO commerce_customertotals (corp_id, customer_id, order_count, line_count, quantity, amount, refund_count,
                                     refund_amount)
SELECT %(corp)s, id, 0, 0, 0, 0, 0, 0 FROM (SELECT DISTINCT unnest(%(customers)s::bigint[]) AS id) c ORDER BY id
ON CONFLICT (corp_id, customer_id) DO UPDATE SET order_count = commerce_customertotals.order_count
