-- One row a day in China of what WeCom counted for these members (null: all), and of the moments made that day.
-- WeCom tells a member's share of answered chats without their number, so several members' shares are weighed by chats.
WITH days AS (
    SELECT day::date AS day FROM generate_series(%(since)s::date, %(until)s::date, interval '1 day') AS day
), who AS (
    SELECT id FROM directory_staff s
    WHERE corp_id = %(corp)s AND (%(staff)s::bigint[] IS NULL OR id = ANY(%(staff)s::bigint[]))
      AND (%(shop)s::bigint IS NULL OR shop_id = %(shop)s::bigint)
      AND (%(one)s::bigint IS NULL OR id = %(one)s::bigint)
), single AS (
    SELECT day, sum(new_customers) FILTER (WHERE told = 1) AS added, sum(applications) FILTER (WHERE told = 1) AS applied, sum(chats) FILTER (WHERE told = 1) AS chats, sum(messages) FILTER (WHERE told = 1) AS messages,
           sum(negative_feedbacks) FILTER (WHERE told = 1) AS rejected,
           sum(reply_percentage * greatest(chats, 1)) FILTER (WHERE reply_percentage IS NOT NULL)
               / nullif(sum(greatest(chats, 1)) FILTER (WHERE reply_percentage IS NOT NULL), 0) / 100 AS replied,
           sum(average_reply_minutes * greatest(chats, 1)) FILTER (WHERE average_reply_minutes IS NOT NULL)::float
               / nullif(sum(greatest(chats, 1)) FILTER (WHERE average_reply_minutes IS NOT NULL), 0) AS minutes,
           count(*) FILTER (WHERE told = 1) AS told, count(*) FILTER (WHERE told = 2) AS lost
    FROM directory_staffday
    WHERE corp_id = %(corp)s AND day BETWEEN %(since)s AND %(until)s AND staff_id IN (SELECT id FROM who)
    GROUP BY day
), chat AS (
    SELECT day, sum(groups) AS groups, sum(members) AS members,
           sum(members_active) AS spoke, sum(new_members) AS joined, sum(messages) AS group_messages
    FROM groups_ownerday
    WHERE corp_id = %(corp)s AND day BETWEEN %(since)s AND %(until)s AND told = 1 AND staff_id IN (SELECT id FROM who)
    GROUP BY day
), posted AS (
    SELECT (m.created_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS moments, sum(c.seen) AS seen,
           sum(c.likes) AS likes, sum(c.comments) AS comments
    FROM messaging_moment m JOIN messaging_momentcopy c ON c.moment_id = m.id AND c.published_by IS NOT NULL
    WHERE m.corp_id = %(corp)s AND c.staff_id IN (SELECT id FROM who)
      AND m.created_at >= %(since)s::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND m.created_at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    GROUP BY 1
)
SELECT days.day, coalesce(told, 0) AS told, coalesce(lost, 0) AS lost, added, applied, chats, messages, rejected, replied, minutes,
       groups, members, spoke, joined, group_messages,
       coalesce(moments, 0) AS moments, coalesce(seen, 0) AS seen, coalesce(likes, 0) AS likes, coalesce(comments, 0) AS comments
FROM days LEFT JOIN single USING (day) LEFT JOIN chat USING (day) LEFT JOIN posted USING (day)
ORDER BY days.day
