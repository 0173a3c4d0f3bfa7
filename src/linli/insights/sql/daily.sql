-- One row a day of the corp's zone, days without anything as zeros, so that bands count them too.
-- Each part reads its own time range by index and is grouped before the join: no row is touched twice.
WITH days AS (
    SELECT day::date AS day FROM generate_series(%(since)s::date, %(until)s::date, interval '1 day') AS day
), added AS (
    SELECT (first_added_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS added,
           count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM customers_follow f
               WHERE f.corp_id = %(corp)s AND f.customer_id = c.id AND f.live)) AS kept
    FROM customers_customer c
    WHERE corp_id = %(corp)s AND first_added_at >= %(start)s AND first_added_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR c.id = ANY(%(people)s::bigint[]))
    GROUP BY 1
), lost AS (
    -- The last relation that ended; whoever came back is not lost.
    SELECT (f.lost_at AT TIME ZONE %(zone)s)::date AS day, count(DISTINCT f.customer_id) AS lost
    FROM customers_follow f
    WHERE f.corp_id = %(corp)s AND NOT f.live AND f.lost_at >= %(start)s AND f.lost_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR f.customer_id = ANY(%(people)s::bigint[]))
      AND NOT EXISTS (
          SELECT 1 FROM customers_follow other
          WHERE other.corp_id = %(corp)s AND other.customer_id = f.customer_id
            AND (other.live OR (other.lost_at, other.id) > (f.lost_at, f.id)))
    GROUP BY 1
), joins AS (
    SELECT (joined_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS joins
    FROM groups_member
    WHERE corp_id = %(corp)s AND kind = 2 AND joined_at >= %(start)s AND joined_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
    GROUP BY 1
), leaves AS (
    SELECT (left_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS leaves
    FROM groups_member
    WHERE corp_id = %(corp)s AND kind = 2 AND left_at >= %(start)s AND left_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
    GROUP BY 1
), bought AS (
    SELECT (paid_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS orders,
           count(DISTINCT customer_id) AS payers,
           sum(amount) FILTER (WHERE currency = %(currency)s) AS spend,
           sum(amount) FILTER (WHERE currency = %(currency)s AND customer_id IS NOT NULL) AS known_spend,
           count(*) FILTER (WHERE currency <> %(currency)s) AS other_currency
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND paid_at >= %(start)s AND paid_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
    GROUP BY 1
), went_back AS (
    SELECT (refunded_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS refunds,
           sum(amount) FILTER (WHERE currency = %(currency)s) AS refunded
    FROM commerce_refund
    WHERE corp_id = %(corp)s AND refunded_at >= %(start)s AND refunded_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
    GROUP BY 1
)
SELECT days.day,
       coalesce(added, 0) AS added, coalesce(kept, 0) AS kept, coalesce(lost, 0) AS lost,
       coalesce(joins, 0) AS joins, coalesce(leaves, 0) AS leaves,
       coalesce(orders, 0) AS orders, coalesce(payers, 0) AS payers,
       coalesce(spend, 0) AS spend, coalesce(known_spend, 0) AS known_spend,
       coalesce(other_currency, 0) AS other_currency,
       coalesce(refunds, 0) AS refunds, coalesce(refunded, 0) AS refunded
FROM days
LEFT JOIN added USING (day) LEFT JOIN lost USING (day) LEFT JOIN joins USING (day) LEFT JOIN leaves USING (day)
LEFT JOIN bought USING (day) LEFT JOIN went_back USING (day)
ORDER BY days.day
