-- Customers whose name holds these words; a text that fits more than 500 people is no search.
SELECT id FROM customers_customer WHERE corp_id = %s AND name ILIKE %s ORDER BY id LIMIT 500
