-- Linli's own method: F counts orders, M is paid minus refunded and must be above zero. A score is the fifth in which the
-- middle of one's equals lies, so that equal figures always get equal scores, however many share them.
WITH bought AS (
    SELECT customer_id, max(paid_at) AS last_at, count(*)::int AS f, sum(amount) AS m
    FROM commerce_order
    WHERE corp_id = %(corp)s AND customer_id IS NOT NULL AND kind = 'order'
      AND paid_at < %(midnight)s + interval '1 day'
    GROUP BY customer_id
), returned AS (
    SELECT customer_id, sum(amount) AS m
    FROM commerce_refund
    WHERE corp_id = %(corp)s AND customer_id IS NOT NULL AND refunded_at < %(midnight)s + interval '1 day'
    GROUP BY customer_id
), base AS (
    SELECT customer_id, greatest(0, floor(extract(epoch FROM %(midnight)s - b.last_at) / 86400))::int AS r_days,
           b.f, b.m - coalesce(r.m, 0) AS m
    FROM bought b LEFT JOIN returned r USING (customer_id)
    WHERE b.m - coalesce(r.m, 0) > 0
), placed AS (
    SELECT *, count(*) OVER () AS people,
           rank() OVER (ORDER BY r_days DESC) - 1 + count(*) OVER (PARTITION BY r_days) / 2.0 AS r_place,
           rank() OVER (ORDER BY f) - 1 + count(*) OVER (PARTITION BY f) / 2.0 AS f_place,
           rank() OVER (ORDER BY m) - 1 + count(*) OVER (PARTITION BY m) / 2.0 AS m_place
    FROM base
)
SELECT customer_id, r_days, f, m,
       least(5, 1 + floor(5 * r_place / people))::int AS r,
       least(5, 1 + floor(5 * f_place / people))::int AS f_score,
       least(5, 1 + floor(5 * m_place / people))::int AS m_score
FROM placed
