-- Standing figures: friends, groups and who is in them now.
SELECT (SELECT count(DISTINCT customer_id) FROM customers_follow WHERE corp_id = %(corp)s AND live) AS friends,
       (SELECT count(*) FROM groups_groupchat WHERE corp_id = %(corp)s AND dismissed_at IS NULL) AS groups,
       (SELECT count(DISTINCT m.member_id) FROM groups_member m
        JOIN groups_groupchat g ON g.id = m.group_id AND g.corp_id = m.corp_id AND g.dismissed_at IS NULL
        WHERE m.corp_id = %(corp)s AND m.kind = 2 AND m.left_at IS NULL) AS in_groups,
       (SELECT count(*) FROM messaging_recipient
        WHERE corp_id = %(corp)s AND state = 'sent' AND state_at >= %(start)s AND state_at < %(stop)s) AS messages_sent
