-- Visits, scans and group joins by shop. Visits carry no person, so they are only counted; scans and joins are persons:
-- a join counts when someone who scanned in the window is, or was, in a group of that shop from that day on.
-- Simulated visits (the demo's passers-by) stay in a column of their own.
WITH visit AS (
    SELECT shop_id, count(*) FILTER (WHERE NOT simulated) AS visits, count(*) FILTER (WHERE simulated) AS simulated
    FROM acquisition_visit
    WHERE corp_id = %(corp)s AND at >= %(start)s AND at < %(stop)s
    GROUP BY shop_id
), act AS (
    SELECT code.shop_id, f.customer_id, f.added_at AS scanned, NULL::timestamptz AS entered
    FROM customers_follow f
    JOIN acquisition_livecode code ON code.corp_id = f.corp_id AND code.state = f.state_text
    WHERE f.corp_id = %(corp)s AND f.state_text <> '' AND f.added_at >= %(start)s AND f.added_at < %(stop)s
    UNION ALL
    SELECT chat.shop_id, m.customer_id, NULL, m.joined_at
    FROM groups_member m JOIN groups_groupchat chat ON chat.id = m.group_id AND chat.corp_id = m.corp_id
    WHERE m.corp_id = %(corp)s AND m.kind = 2 AND m.customer_id IS NOT NULL AND m.joined_at >= %(start)s
), person AS (
    SELECT shop_id, customer_id, coalesce(max(entered) >= min(scanned), false) AS joined
    FROM act GROUP BY shop_id, customer_id HAVING min(scanned) IS NOT NULL
), people AS (
    SELECT shop_id, count(*) AS scans, count(*) FILTER (WHERE joined) AS joins FROM person GROUP BY shop_id
), place AS (
    SELECT id, name, city FROM directory_shop WHERE corp_id = %(corp)s
    UNION ALL SELECT NULL, '', ''
)
SELECT place.id AS shop_id, place.name, place.city, coalesce(visits, 0) AS visits, coalesce(simulated, 0) AS simulated,
       coalesce(scans, 0) AS scans, coalesce(joins, 0) AS joins
FROM place
LEFT JOIN visit ON visit.shop_id IS NOT DISTINCT FROM place.id
LEFT JOIN people ON people.shop_id IS NOT DISTINCT FROM place.id
WHERE place.id IS NOT NULL OR visits > 0 OR simulated > 0 OR scans > 0
ORDER BY scans DESC NULLS LAST, place.id
