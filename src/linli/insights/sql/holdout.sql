-- Everyone who was assigned in these sends, confirmed or not, and what they bought in the days after the tasks were made.
-- Only who was left out before the draw ("excluded") is not in the comparison. Each has a clerk before the draw, so that a part's
-- people are drawn by the same lot.
SELECT r.send_id, r.state = 'holdout' AS held_out, count(*) AS people,
       count(*) FILTER (WHERE bought.orders > 0) AS buyers,
       avg(coalesce(bought.spend, 0)) AS spend_mean, coalesce(var_samp(coalesce(bought.spend, 0)), 0) AS spend_variance
FROM messaging_recipient r
JOIN messaging_send s ON s.id = r.send_id AND s.corp_id = r.corp_id
LEFT JOIN LATERAL (
    SELECT count(*) AS orders, sum(o.amount) FILTER (WHERE o.currency = %(currency)s) AS spend
    FROM commerce_order o
    WHERE o.corp_id = r.corp_id AND o.customer_id = r.customer_id AND o.kind = 'order'
      AND o.paid_at > s.tasked_at AND o.paid_at <= least(s.tasked_at + make_interval(days => %(days)s), %(stop)s)
) AS bought ON true
WHERE r.corp_id = %(corp)s AND r.planned_at >= s.created_at - interval '1 day' AND r.send_id = ANY(%(sends)s) AND r.state <> 'excluded' AND s.tasked_at IS NOT NULL
  AND (%(staff)s::bigint[] IS NULL OR r.staff_id = ANY(%(staff)s::bigint[]))
GROUP BY r.send_id, r.state = 'holdout'
