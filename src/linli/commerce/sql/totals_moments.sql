-- First and last moments cannot be moved by a difference: read them again for the customers of changed documents.
UPDATE commerce_customertotals t
SET first_paid_at = o.first_at, last_paid_at = o.last_at, last_refunded_at = r.last_at
FROM unnest(%(customers)s::bigint[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT min(paid_at) AS first_at, max(paid_at) AS last_at FROM commerce_order
    WHERE corp_id = %(corp)s AND customer_id = c.id AND kind = 'order') o
CROSS JOIN LATERAL (
    SELECT max(refunded_at) AS last_at FROM commerce_refund
    WHERE corp_id = %(corp)s AND customer_id = c.id) r
WHERE t.corp_id = %(corp)s AND t.customer_id = c.id
