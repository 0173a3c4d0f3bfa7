-- Members against people who never joined, over the first `days` days after the day of the first purchase.
-- A member here joined by the day after the first purchase: counting later joiners as members would hand them the
-- purchases that came before joining. Who joined later within the days is on neither side. Matched on month of first
-- purchase and on the quintile of the first day's amount; moments per stratum and side, so nothing leaves but sums.
WITH purchase AS (
    SELECT customer_id, amount, (paid_at AT TIME ZONE %(zone)s)::date AS day
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND customer_id IS NOT NULL
      AND currency = %(currency)s AND paid_at < %(stop)s
), first AS (
    SELECT customer_id, min(day) AS day FROM purchase GROUP BY customer_id
), joined AS (
    SELECT customer_id, min((joined_at AT TIME ZONE %(zone)s)::date) AS day
    FROM groups_member
    WHERE corp_id = %(corp)s AND kind = 2 AND customer_id IS NOT NULL AND joined_at < %(stop)s
    GROUP BY customer_id
), person AS (
    SELECT first.customer_id, date_trunc('month', first.day) AS month,
           CASE WHEN joined.day <= first.day + 1 THEN 'did'
                WHEN joined.day IS NULL OR joined.day > first.day + %(days)s THEN 'did_not'
                ELSE 'later' END AS side,
           sum(p.amount) FILTER (WHERE p.day = first.day) AS first_amount,
           count(*) FILTER (WHERE p.day > first.day AND p.day <= first.day + %(days)s) AS orders,
           coalesce(sum(p.amount) FILTER (WHERE p.day > first.day AND p.day <= first.day + %(days)s), 0) AS spend,
           (count(*) FILTER (WHERE p.day > first.day AND p.day <= first.day + %(days)s) > 0)::int AS again,
           (count(*) FILTER (WHERE p.day > first.day AND p.day <= first.day + 7) > 0)::int AS week
    FROM first JOIN purchase p USING (customer_id) LEFT JOIN joined USING (customer_id)
    WHERE first.day + %(days)s < %(today)s::date
    GROUP BY first.customer_id, first.day, joined.day
), matched AS (
    SELECT *, ntile(5) OVER (ORDER BY first_amount, customer_id) AS quintile FROM person WHERE side <> 'later'
)
SELECT month::date AS month, quintile, side, count(*) AS n,
       avg(orders) AS orders_mean, coalesce(var_samp(orders), 0) AS orders_variance,
       avg(spend) AS spend_mean, coalesce(var_samp(spend), 0) AS spend_variance,
       avg(again) AS again_mean, coalesce(var_samp(again), 0) AS again_variance,
       avg(week) AS week_mean, coalesce(var_samp(week), 0) AS week_variance
FROM matched GROUP BY 1, 2, 3
UNION ALL
SELECT NULL, NULL, 'later', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM person WHERE side = 'later'
ORDER BY 1, 2, 3
