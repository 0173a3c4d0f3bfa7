-- New documents of a chunk, in the order of their numbers so that two writers never wait for each other in a circle.
WITH written AS (
    INSERT INTO {table} (corp_id, source, number, {kind_column}customer_id, buyer_ref, {at}, amount, currency, quantity,
                         line_count, region, content_hash, recorded_at)
    SELECT %(corp)s, %(source)s, number, {kind_value}customer_id, buyer_ref, at, amount, currency, quantity,
           line_count, region, content_hash, %(now)s
    FROM staged_order s
    WHERE chunk = %(chunk)s AND is_refund = {is_refund}
    ORDER BY number
    ON CONFLICT (corp_id, source, number) DO NOTHING
    RETURNING id, number
)
INSERT INTO staged_applied (number, is_refund, id, is_new)
SELECT number, {is_refund}, id, true FROM written
