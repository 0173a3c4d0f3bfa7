-- What every figure stands on: where the data begins and ends, and the currency of most of the newest thousand orders
-- (amounts in other currencies are never added to it). Each part is one step in an index.
SELECT (SELECT min(paid_at) FROM commerce_order WHERE corp_id = %(corp)s) AS first_order,
       (SELECT max(paid_at) FROM commerce_order WHERE corp_id = %(corp)s) AS last_order,
       (SELECT min(first_added_at) FROM customers_customer WHERE corp_id = %(corp)s) AS first_added,
       (SELECT currency FROM (
            SELECT currency FROM commerce_order WHERE corp_id = %(corp)s ORDER BY paid_at DESC LIMIT 1000) newest
        GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1) AS currency
