-- The same figures, one row for each of these members (null: all) over all the days; those with nothing told are left out.
WITH single AS (
    SELECT staff_id, sum(new_customers) AS added, sum(chats) AS chats, sum(messages) AS messages,
           sum(negative_feedbacks) AS rejected,
           sum(reply_percentage * greatest(chats, 1)) FILTER (WHERE reply_percentage IS NOT NULL)
               / nullif(sum(greatest(chats, 1)) FILTER (WHERE reply_percentage IS NOT NULL), 0) / 100 AS replied,
           sum(average_reply_minutes * greatest(chats, 1)) FILTER (WHERE average_reply_minutes IS NOT NULL)::float
               / nullif(sum(greatest(chats, 1)) FILTER (WHERE average_reply_minutes IS NOT NULL), 0) AS minutes
    FROM directory_staffday
    WHERE corp_id = %(corp)s AND day BETWEEN %(since)s AND %(until)s AND told = 1
    GROUP BY staff_id
), chat AS (
    SELECT staff_id, sum(messages) AS group_messages, sum(new_members) AS joined
    FROM groups_ownerday
    WHERE corp_id = %(corp)s AND day BETWEEN %(since)s AND %(until)s AND told = 1
    GROUP BY staff_id
)
SELECT s.id AS staff_id, coalesce(nullif(s.name, ''), s.userid) AS name, coalesce(shop.name, '') AS shop,
       coalesce(added, 0) AS added, coalesce(chats, 0) AS chats, coalesce(messages, 0) AS messages, replied, minutes,
       coalesce(rejected, 0) AS rejected, coalesce(joined, 0) AS joined, coalesce(group_messages, 0) AS group_messages
FROM directory_staff s
LEFT JOIN directory_shop shop ON shop.id = s.shop_id
LEFT JOIN single ON single.staff_id = s.id
LEFT JOIN chat ON chat.staff_id = s.id
WHERE s.corp_id = %(corp)s AND (single.staff_id IS NOT NULL OR chat.staff_id IS NOT NULL)
  AND (%(staff)s::bigint[] IS NULL OR s.id = ANY(%(staff)s::bigint[]))
  AND (%(shop)s::bigint IS NULL OR s.shop_id = %(shop)s::bigint)
  AND (%(one)s::bigint IS NULL OR s.id = %(one)s::bigint)
ORDER BY added DESC, messages DESC, s.id
