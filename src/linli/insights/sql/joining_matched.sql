-- Members against people who never joined, over the first `days` days after the day of the first purchase.
-- A member here joined by the day after the first purchase: counting later joiners as members would hand them the
-- purchases that came before joining. Who joined later within the days is on neither side. Matched on month of first
-- purchase and on the quintile of the first day's amount; moments per stratum and side, so nothing leaves but sums.
-- Purchases and joinings stand in one column and are told apart by a window: no join whose plan could go wrong.
WITH event AS (
    SELECT customer_id, amount, (paid_at AT TIME ZONE %(zone)s)::date AS day, NULL::date AS joined
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND customer_id IS NOT NULL
      AND currency = %(currency)s AND paid_at < %(stop)s
    UNION ALL
    SELECT customer_id, NULL, NULL, (joined_at AT TIME ZONE %(zone)s)::date
    FROM groups_member
    WHERE corp_id = %(corp)s AND kind = 2 AND customer_id IS NOT NULL AND joined_at < %(stop)s
), placed AS (
    SELECT customer_id, amount, day, min(day) OVER w AS first_day, min(joined) OVER w AS joined_day
    FROM event
    WINDOW w AS (PARTITION BY customer_id)
), person AS (
    SELECT customer_id, date_trunc('month', first_day) AS month,
           CASE WHEN joined_day <= first_day + 1 THEN 'did'
                WHEN joined_day IS NULL OR joined_day > first_day + %(days)s THEN 'did_not'
                ELSE 'later' END AS side,
           sum(amount) FILTER (WHERE day = first_day) AS first_amount,
           count(*) FILTER (WHERE later) AS orders,
           coalesce(sum(amount) FILTER (WHERE later), 0) AS spend,
           (count(*) FILTER (WHERE later) > 0)::int AS again,
           (count(*) FILTER (WHERE later AND day <= first_day + 7) > 0)::int AS week
    FROM (SELECT *, day > first_day AND day <= first_day + %(days)s AS later FROM placed) AS timed
    WHERE first_day + %(days)s < %(today)s::date
    GROUP BY customer_id, first_day, joined_day
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
