-- Before against after the day somebody first joined a group, within persons, as moments: no person leaves the database.
-- Comparable is who bought first more than `days` days before joining (so "before" was really observed, and the first
-- purchase, which everyone has, is outside it) and joined at least `days` days ago. The joining day belongs to no side.
-- Purchases and joinings stand in one column and are told apart by a window: no join whose plan could go wrong.
WITH event AS (
    SELECT id, customer_id, paid_at, amount, currency, NULL::date AS joined
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND customer_id IS NOT NULL AND paid_at < %(stop)s
    UNION ALL
    SELECT NULL, customer_id, NULL, NULL, NULL, (joined_at AT TIME ZONE %(zone)s)::date
    FROM groups_member
    WHERE corp_id = %(corp)s AND kind = 2 AND customer_id IS NOT NULL AND joined_at < %(stop)s
), placed AS (
    SELECT customer_id, amount, currency, (paid_at AT TIME ZONE %(zone)s)::date AS day,
           min(joined) OVER (PARTITION BY customer_id) AS joined_day,
           coalesce(lead(paid_at) OVER (PARTITION BY customer_id ORDER BY paid_at NULLS LAST, id) - paid_at
                    <= interval '7 days', false)::int AS again
    FROM event
), timed AS (
    SELECT *, day - joined_day AS t, min(day - joined_day) OVER (PARTITION BY customer_id) AS first_t
    FROM placed WHERE joined_day IS NOT NULL
), sided AS (
    SELECT *, t >= -%(days)s AND t < 0 AS before, t > 0 AND t <= %(days)s AS after FROM timed
), person AS (
    SELECT customer_id, joined_day, min(first_t) AS first_t,
           count(*) FILTER (WHERE before) AS orders_b, count(*) FILTER (WHERE after) AS orders_a,
           count(DISTINCT (-t - 1) / 30) FILTER (WHERE before) AS months_b,
           count(DISTINCT (t - 1) / 30) FILTER (WHERE after) AS months_a,
           avg(amount) FILTER (WHERE before AND currency = %(currency)s) AS spend_b,
           avg(amount) FILTER (WHERE after AND currency = %(currency)s) AS spend_a,
           avg(again) FILTER (WHERE before AND t < -7) AS week_b,
           avg(again) FILTER (WHERE after AND t <= %(days)s - 7) AS week_a
    FROM sided
    GROUP BY customer_id, joined_day
), comparable AS (
    SELECT orders_b * 30.0 / %(days)s AS often_b, orders_a * 30.0 / %(days)s AS often_a,
           orders_b::numeric / nullif(months_b, 0) AS active_b, orders_a::numeric / nullif(months_a, 0) AS active_a,
           spend_b, spend_a, week_b, week_a
    FROM person
    WHERE first_t < -%(days)s AND joined_day + %(days)s < %(today)s::date
), measure AS (
    SELECT name, b, a FROM comparable, LATERAL (VALUES
        ('often', often_b, often_a), ('active', active_b, active_a),
        ('spend', spend_b, spend_a), ('week', week_b, week_a)) AS v(name, b, a)
    WHERE b IS NOT NULL AND a IS NOT NULL
)
SELECT name, count(*) AS n, avg(b) AS before, avg(a) AS after,
       avg(a - b) AS difference, coalesce(var_samp(a - b), 0) AS variance,
       (SELECT count(*) FROM person) AS joined, (SELECT count(*) FROM comparable) AS comparable
FROM measure GROUP BY name
UNION ALL
-- Always there, so that "nobody can be compared" still says out of how many.
SELECT '', 0, NULL, NULL, NULL, NULL, (SELECT count(*) FROM person), (SELECT count(*) FROM comparable)
