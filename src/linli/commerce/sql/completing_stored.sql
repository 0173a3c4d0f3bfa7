-- The stored lines of every order and refund that the staged file names, last line first.
SELECT row_number() OVER (ORDER BY number, position DESC), number, kind, buyer_ref, at, sku, description, quantity,
       unit_price, region, currency
FROM (
    SELECT d.number, CASE d.kind WHEN 'order' THEN 0 ELSE 1 END AS kind, d.buyer_ref, d.paid_at AS at, l.position, l.sku,
           l.description, l.quantity, l.unit_price, d.region, d.currency
    FROM (SELECT DISTINCT number FROM staged_line WHERE kind <> 2) s
    JOIN commerce_order d ON d.corp_id = %(corp)s AND d.source = %(source)s AND d.number = s.number
    JOIN commerce_orderline l ON l.order_id = d.id
    UNION ALL
    SELECT d.number, 2, d.buyer_ref, d.refunded_at, l.position, l.sku, l.description, l.quantity, l.unit_price, d.region,
           d.currency
    FROM (SELECT DISTINCT number FROM staged_line WHERE kind = 2) s
    JOIN commerce_refund d ON d.corp_id = %(corp)s AND d.source = %(source)s AND d.number = s.number
    JOIN commerce_refundline l ON l.refund_id = d.id
) found
ORDER BY 1
