SELECT coalesce(sum(line_count), 0)::integer,
       coalesce(sum(line_count) FILTER (WHERE buyer_ref = ''), 0)::integer,
       coalesce(max(chunk), 0)::integer, min(at), max(at)
FROM staged_order
