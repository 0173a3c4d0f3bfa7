-- Paid minus refunded: who sends everything back has spent nothing.
SELECT customer_id, sum(amount)
FROM (
    SELECT customer_id, amount FROM commerce_order
    WHERE corp_id = %(corp)s AND kind = 'order' AND paid_at >= %(since)s AND paid_at < %(until)s
    UNION ALL
    SELECT customer_id, -amount FROM commerce_refund
    WHERE corp_id = %(corp)s AND refunded_at >= %(since)s AND refunded_at < %(until)s
) moved
WHERE customer_id IS NOT NULL
GROUP BY customer_id
ORDER BY customer_id
