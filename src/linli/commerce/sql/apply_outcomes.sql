-- What became of each staged document, with the id it has now.
SELECT s.number, s.is_refund, coalesce(a.id, o.id, r.id),
       CASE WHEN a.id IS NULL THEN 'known' WHEN a.is_new THEN 'new' ELSE 'changed' END
FROM staged_order s
LEFT JOIN staged_applied a USING (number, is_refund)
LEFT JOIN commerce_order o
    ON o.corp_id = %(corp)s AND o.source = %(source)s AND o.number = s.number AND NOT s.is_refund
LEFT JOIN commerce_refund r
    ON r.corp_id = %(corp)s AND r.source = %(source)s AND r.number = s.number AND s.is_refund
