-- The lines of what is new or changed, numbered as they stood in the file.
INSERT INTO {lines} (corp_id, {key}, position, sku, description, quantity, unit_price)
SELECT %(corp)s, a.id, row_number() OVER (PARTITION BY a.id ORDER BY l.seq), l.sku, l.description, l.quantity,
       l.unit_price
FROM staged_applied a
JOIN staged_line l ON l.number = a.number AND (l.kind = 2) = a.is_refund
WHERE a.is_refund = {is_refund}
