-- One row per order number, numbered into chunks along the file. An order is paid at the time of its last line (an
-- order of UCI's file may carry two minutes). The hash is of the content in any order of lines: a sum of 64-bit line
-- hashes counts doubled lines, which XOR would cancel.
INSERT INTO staged_order
SELECT (sum(line_count) OVER (ORDER BY first_seq) - line_count) / %(chunk_lines)s + 1,
       number, kind = 2, kind, buyer_ref, at,
       CASE WHEN kind = 2 THEN -amount ELSE amount END, currency,
       CASE WHEN kind = 2 THEN -quantity ELSE quantity END, line_count, region,
       md5(concat_ws('|', kind, buyer_ref, extract(epoch FROM at), currency, region, line_count, hash_sum))::uuid
FROM (
    SELECT number, kind, min(seq) AS first_seq, max(buyer_ref) AS buyer_ref, max(at) AS at,
           sum(quantity * unit_price) AS amount, max(currency) AS currency, sum(quantity) AS quantity,
           count(*)::integer AS line_count, max(region) AS region, sum(line_hash) AS hash_sum
    FROM staged_line
    GROUP BY number, kind
) grouped;
CREATE INDEX ON staged_line (number);
CREATE INDEX ON staged_order (chunk);
ANALYZE staged_line (number);
ANALYZE staged_order;
