-- The import's own figures, to be held against the file: every line, invoice and buyer, whatever they came to.
SELECT coalesce(sum(line_count), 0) AS lines, count(*) AS invoices,
       count(DISTINCT customer_id) AS customers,
       coalesce(sum(line_count) FILTER (WHERE customer_id IS NULL), 0) AS lines_without_customer,
       count(*) FILTER (WHERE sort = 'order') AS orders, count(*) FILTER (WHERE sort = 'adjustment') AS adjustments,
       count(*) FILTER (WHERE sort = 'refund') AS refunds
FROM (
    SELECT line_count, customer_id, kind AS sort FROM commerce_order WHERE corp_id = %(corp)s
    UNION ALL
    SELECT line_count, customer_id, 'refund' FROM commerce_refund WHERE corp_id = %(corp)s
) AS document
