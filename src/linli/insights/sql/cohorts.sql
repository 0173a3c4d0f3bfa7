-- People by month of first purchase, and how many of them bought in each month since; months are the corp's.
-- A window in place of a join with the first months: its cost does not hang on the planner's statistics.
WITH active AS (
    SELECT DISTINCT customer_id, date_trunc('month', paid_at AT TIME ZONE %(zone)s)::date AS month
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND customer_id IS NOT NULL AND paid_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
), born AS (
    SELECT month, min(month) OVER (PARTITION BY customer_id) AS cohort FROM active
)
SELECT cohort,
       ((extract(year FROM month) - extract(year FROM cohort)) * 12
        + extract(month FROM month) - extract(month FROM cohort))::int AS since,
       count(*) AS people
FROM born
GROUP BY 1, 2
ORDER BY 1, 2
