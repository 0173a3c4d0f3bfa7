-- Everything that is in, from the documents themselves.
SELECT (SELECT count(*) FROM commerce_order WHERE corp_id = %(corp)s AND kind = 'order'),
       (SELECT count(*) FROM commerce_order WHERE corp_id = %(corp)s AND kind = 'adjustment'),
       (SELECT count(*) FROM commerce_refund WHERE corp_id = %(corp)s),
       (SELECT count(*) FROM commerce_orderline WHERE corp_id = %(corp)s)
         + (SELECT count(*) FROM commerce_refundline WHERE corp_id = %(corp)s),
       (SELECT coalesce(sum(line_count), 0) FROM commerce_order WHERE corp_id = %(corp)s AND customer_id IS NULL)
         + (SELECT coalesce(sum(line_count), 0) FROM commerce_refund WHERE corp_id = %(corp)s AND customer_id IS NULL),
       (SELECT count(*) FROM commerce_customertotals WHERE corp_id = %(corp)s AND order_count + refund_count > 0),
       (SELECT count(*) FROM commerce_customertotals
        WHERE corp_id = %(corp)s AND order_count = 0 AND refund_count > 0)
