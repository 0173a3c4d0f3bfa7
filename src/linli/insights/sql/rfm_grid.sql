-- The 25 cells of R and F with what is in each; segments are sums of whole cells, so one statement serves both tables.
SELECT r, f_score AS f, segment, count(*) AS people, sum(m) AS spend, max(as_of) AS as_of
FROM commerce_rfmscore
WHERE corp_id = %(corp)s AND method = %(method)s
  AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
GROUP BY r, f_score, segment
ORDER BY r DESC, f_score
