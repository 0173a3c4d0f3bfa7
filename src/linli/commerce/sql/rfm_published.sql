-- The method printed with UCI Online Retail: refunds dropped, buyers without an id dropped, F counts LINES, M must be above
-- zero; fifths cut at linear quantiles (percentile_cont), closed on the right. R counts whole days before the day's first
-- moment; who bought on the day itself has R 0.
WITH base AS (
    SELECT customer_id, greatest(0, floor(extract(epoch FROM %(midnight)s - max(paid_at)) / 86400))::int AS r_days,
           sum(line_count)::int AS f, sum(amount) AS m
    FROM commerce_order
    WHERE corp_id = %(corp)s AND customer_id IS NOT NULL AND kind = 'order'
      AND paid_at < %(midnight)s + interval '1 day'
    GROUP BY customer_id
    HAVING sum(amount) > 0
), q AS MATERIALIZED (
    SELECT percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY r_days) AS r,
           percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY f) AS f,
           percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY m::float8) AS m
    FROM base
)
SELECT b.customer_id, b.r_days, b.f, b.m,
       5 - (b.r_days > q.r[1])::int - (b.r_days > q.r[2])::int - (b.r_days > q.r[3])::int - (b.r_days > q.r[4])::int AS r,
       1 + (b.f > q.f[1])::int + (b.f > q.f[2])::int + (b.f > q.f[3])::int + (b.f > q.f[4])::int AS f_score,
       1 + (b.m > q.m[1])::int + (b.m > q.m[2])::int + (b.m > q.m[3])::int + (b.m > q.m[4])::int AS m_score
FROM base b CROSS JOIN q
