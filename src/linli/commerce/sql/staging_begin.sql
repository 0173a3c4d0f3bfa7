-- Why temporary: no write-ahead log for half a million passing rows, and they vanish with the session.
DROP TABLE IF EXISTS staged_line, staged_order, staged_applied;
CREATE TEMPORARY TABLE staged_line (
    seq integer NOT NULL,
    number text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    buyer_ref text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    sku text NOT NULL,
    description text NOT NULL,
    quantity integer NOT NULL,
    unit_price numeric(14, 4) NOT NULL,
    region text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    line_hash bigint NOT NULL
);
CREATE TEMPORARY TABLE staged_order (
    chunk integer NOT NULL,
    number text COLLATE "C" NOT NULL,
    is_refund boolean NOT NULL,
    kind smallint NOT NULL,
    buyer_ref text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    amount numeric(18, 4) NOT NULL,
    currency text NOT NULL,
    quantity bigint NOT NULL,
    line_count integer NOT NULL,
    region text NOT NULL,
    content_hash uuid NOT NULL,
    customer_id bigint
);
CREATE TEMPORARY TABLE staged_applied (
    number text COLLATE "C" NOT NULL,
    is_refund boolean NOT NULL,
    id bigint NOT NULL,
    is_new boolean NOT NULL,
    was_purchase boolean,
    customer_before bigint,
    at_before timestamptz,
    amount_before numeric(18, 4),
    quantity_before bigint,
    line_count_before integer
);
