-- How many documents of each sort are in.
SELECT count(*) FILTER (WHERE kind = 'order'), count(*) FILTER (WHERE kind = 'order' AND customer_id IS NULL),
       count(*) FILTER (WHERE kind = 'adjustment'),
       (SELECT count(*) FROM commerce_refund WHERE corp_id = %(corp)s)
FROM commerce_order
WHERE corp_id = %(corp)s
