-- Purchases of known customers in a window, one pass: how many bought, how many again, how much.
SELECT count(*) AS buyers, count(*) FILTER (WHERE orders >= 2) AS again,
       coalesce(sum(orders), 0)::bigint AS orders, coalesce(sum(spend), 0) AS spend,
       coalesce(sum(priced), 0)::bigint AS priced, coalesce(sum(months), 0)::bigint AS buyer_months
FROM (
    SELECT customer_id, count(*) AS orders,
           sum(amount) FILTER (WHERE currency = %(currency)s) AS spend,
           count(*) FILTER (WHERE currency = %(currency)s) AS priced,
           count(DISTINCT date_trunc('month', paid_at AT TIME ZONE %(zone)s)) AS months
    FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND customer_id IS NOT NULL
      AND paid_at >= %(start)s AND paid_at < %(stop)s
      AND (%(people)s::bigint[] IS NULL OR customer_id = ANY(%(people)s::bigint[]))
    GROUP BY customer_id
) AS person
