-- Before against after the day somebody first joined a group, within persons, as moments: no person leaves the database.
-- Comparable is who bought first more than `days` days before joining (so "before" was really observed, and the first
-- purchase, which everyone has, is outside it) and joined at least `days` days ago. The joining day belongs to no side.
WITH joined AS (
    SELECT customer_id, min((joined_at AT TIME ZONE %(zone)s)::date) AS day
    FROM groups_member
    WHERE corp_id = %(corp)s AND kind = 2 AND customer_id IS NOT NULL AND joined_at < %(stop)s
    GROUP BY customer_id
), purchase AS (
    SELECT o.customer_id, o.amount, o.currency, (o.paid_at AT TIME ZONE %(zone)s)::date - j.day AS t,
           lead(o.paid_at) OVER w - o.paid_at <= interval '7 days' AS again,
           min((o.paid_at AT TIME ZONE %(zone)s)::date - j.day) OVER (PARTITION BY o.customer_id) AS first_t
    FROM commerce_order o JOIN joined j USING (customer_id)
    WHERE o.corp_id = %(corp)s AND o.kind = 'order' AND o.paid_at < %(stop)s
    WINDOW w AS (PARTITION BY o.customer_id ORDER BY o.paid_at, o.id)
), person AS (
    SELECT customer_id,
           count(*) FILTER (WHERE before) AS orders_b, count(*) FILTER (WHERE after) AS orders_a,
           count(DISTINCT (-t - 1) / 30) FILTER (WHERE before) AS months_b,
           count(DISTINCT (t - 1) / 30) FILTER (WHERE after) AS months_a,
           avg(amount) FILTER (WHERE before AND currency = %(currency)s) AS spend_b,
           avg(amount) FILTER (WHERE after AND currency = %(currency)s) AS spend_a,
           avg(coalesce(again, false)::int) FILTER (WHERE before AND t < -7) AS week_b,
           avg(coalesce(again, false)::int) FILTER (WHERE after AND t <= %(days)s - 7) AS week_a
    FROM (SELECT *, t >= -%(days)s AND t < 0 AS before, t > 0 AND t <= %(days)s AS after FROM purchase) AS sided
    WHERE first_t < -%(days)s
    GROUP BY customer_id
), comparable AS (
    SELECT orders_b * 30.0 / %(days)s AS often_b, orders_a * 30.0 / %(days)s AS often_a,
           orders_b::numeric / nullif(months_b, 0) AS active_b, orders_a::numeric / nullif(months_a, 0) AS active_a,
           spend_b, spend_a, week_b, week_a
    FROM person JOIN joined USING (customer_id)
    WHERE joined.day + %(days)s < %(today)s::date
), measure AS (
    SELECT name, b, a FROM comparable, LATERAL (VALUES
        ('often', often_b, often_a), ('active', active_b, active_a),
        ('spend', spend_b, spend_a), ('week', week_b, week_a)) AS v(name, b, a)
    WHERE b IS NOT NULL AND a IS NOT NULL
)
SELECT name, count(*) AS n, avg(b) AS before, avg(a) AS after,
       avg(a - b) AS difference, coalesce(var_samp(a - b), 0) AS variance,
       (SELECT count(*) FROM joined) AS joined, (SELECT count(*) FROM comparable) AS comparable
FROM measure GROUP BY name
UNION ALL
-- Always there, so that "nobody can be compared" still says out of how many.
SELECT '', 0, NULL, NULL, NULL, NULL, (SELECT count(*) FROM joined), (SELECT count(*) FROM comparable)
