-- Every document of this member that belongs to somebody else (or nobody yet), and to whom it belonged.
WITH orders AS (
    SELECT id, customer_id FROM commerce_order
    WHERE corp_id = %(corp)s AND buyer_ref = %(buyer)s AND buyer_ref <> ''
      AND customer_id IS DISTINCT FROM %(customer)s
    ORDER BY number FOR UPDATE
), refunds AS (
    SELECT id, customer_id FROM commerce_refund
    WHERE corp_id = %(corp)s AND buyer_ref = %(buyer)s AND buyer_ref <> ''
      AND customer_id IS DISTINCT FROM %(customer)s
    ORDER BY number FOR UPDATE
), orders_moved AS (
    UPDATE commerce_order d SET customer_id = %(customer)s FROM orders o WHERE d.id = o.id
), refunds_moved AS (
    UPDATE commerce_refund d SET customer_id = %(customer)s FROM refunds r WHERE d.id = r.id
)
SELECT count(*), coalesce(array_agg(DISTINCT customer_id) FILTER (WHERE customer_id IS NOT NULL), '{}')
FROM (SELECT customer_id FROM orders UNION ALL SELECT customer_id FROM refunds) was
