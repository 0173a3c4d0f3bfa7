-- The file's own lines of those documents.
SELECT l.seq, l.number, l.kind, l.sku, l.description, l.quantity, l.unit_price
FROM staged_line l
WHERE CASE WHEN l.kind = 2
    THEN EXISTS (SELECT FROM commerce_refund d
                 WHERE d.corp_id = %(corp)s AND d.source = %(source)s AND d.number = l.number)
    ELSE EXISTS (SELECT FROM commerce_order d
                 WHERE d.corp_id = %(corp)s AND d.source = %(source)s AND d.number = l.number) END
ORDER BY l.seq
