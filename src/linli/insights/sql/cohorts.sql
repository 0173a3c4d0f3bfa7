-- People by month of first purchase, and how many of them bought in each month since; months are the corp's.
WITH active AS (
    SELECT DISTINCT customer_id, date_trunc('month', paid_at AT TIME ZONE %(zone)s)::date AS month
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND customer_id IS NOT NULL AND paid_at < %(stop)s
), born AS (
    SELECT customer_id, min(month) AS cohort FROM active GROUP BY customer_id
)
SELECT cohort,
       ((extract(year FROM month) - extract(year FROM cohort)) * 12
        + extract(month FROM month) - extract(month FROM cohort))::int AS since,
       count(*) AS people
FROM active JOIN born USING (customer_id)
GROUP BY 1, 2
ORDER BY 1, 2
