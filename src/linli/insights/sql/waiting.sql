-- What needs a person, as one list of (kind, ref, name, n, m): one statement, so the morning page asks once.
(SELECT 'tasks' AS kind, s.id AS ref, s.name, count(*) AS n, coalesce(sum(t.size), 0)::bigint AS m
 FROM messaging_stafftask t JOIN messaging_send s ON s.id = t.send_id AND s.corp_id = t.corp_id
 WHERE t.corp_id = %(corp)s AND t.state = 'created' AND s.state = 'tasked'
 GROUP BY s.id, s.name ORDER BY m DESC LIMIT 5)
UNION ALL
(SELECT 'approval', s.id, s.name, (SELECT count(*) FROM messaging_recipient r WHERE r.send_id = s.id AND r.corp_id = s.corp_id AND r.state = 'planned'
    AND r.planned_at >= s.created_at - interval '1 day'), 0
 FROM messaging_send s WHERE s.corp_id = %(corp)s AND s.state = 'planned' ORDER BY s.created_at DESC LIMIT 5)
UNION ALL
-- Only the newest run of a kind: what a later run fetched is no longer missing.
SELECT 'sync_' || state, id, kind, jsonb_array_length(missing), 0
FROM (SELECT DISTINCT ON (kind) id, kind, state, missing FROM connect_syncrun
      WHERE corp_id = %(corp)s ORDER BY kind, started_at DESC) AS newest
WHERE state IN ('failed', 'partial')
UNION ALL
(SELECT CASE WHEN state = 'failed' THEN 'import_failed' ELSE 'import' END, id, file_name, problem_count, 0
 FROM commerce_importrun
 WHERE corp_id = %(corp)s AND created_at >= %(week_ago)s AND (state = 'failed' OR (state = 'done' AND problem_count > 0))
 ORDER BY created_at DESC LIMIT 5)
UNION ALL
-- WeCom opens the next group by itself only for groups that a join way leads to.
(SELECT 'group_full', g.id, g.name, count(*), 0
 FROM groups_groupchat g JOIN groups_member m ON m.group_id = g.id AND m.corp_id = g.corp_id AND m.left_at IS NULL
 WHERE g.corp_id = %(corp)s AND g.dismissed_at IS NULL AND g.join_way_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM groups_joinwaychat w WHERE w.corp_id = g.corp_id AND w.chat_id = g.chat_id)
 GROUP BY g.id, g.name HAVING count(*) >= %(nearly_full)s ORDER BY count(*) DESC LIMIT 5)
UNION ALL
SELECT 'join_way', min(id), min(room_base_name), count(*), 0
FROM groups_joinway WHERE corp_id = %(corp)s AND step = 'refused' HAVING count(*) > 0
UNION ALL
SELECT 'handover', min(h.id), min(coalesce(nullif(s.name, ''), s.userid)), count(*), 0
FROM handover_handover h JOIN directory_staff s ON s.id = h.giver_id
WHERE h.corp_id = %(corp)s AND h.state = 'proposed' HAVING count(*) > 0
UNION ALL
SELECT 'unassigned', NULL, '', count(*), 0
FROM handover_unassigned u
WHERE u.corp_id = %(corp)s AND u.gone_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM handover_handover h
    WHERE h.corp_id = u.corp_id AND h.giver_id = u.staff_id AND h.state IN ('proposed', 'running'))
HAVING count(*) > 0
UNION ALL
SELECT 'not_taken', NULL, '', count(*), 0
FROM handover_customermove m
WHERE m.corp_id = %(corp)s AND m.state IN ('refused', 'full', 'failed', 'no_result') AND m.state_at >= %(week_ago)s
HAVING count(*) > 0
UNION ALL
SELECT 'conflicts', min(holder_id), '', count(*), 0
FROM customers_identityconflict WHERE corp_id = %(corp)s AND settled_at IS NULL HAVING count(*) > 0
UNION ALL
SELECT 'code_refused', min(id), min(name), count(*), 0
FROM acquisition_livecode WHERE corp_id = %(corp)s AND step = 'refused' AND closed_at IS NULL HAVING count(*) > 0
UNION ALL
SELECT 'codes_paused', min(id), min(name), count(*), 0
FROM acquisition_livecode WHERE corp_id = %(corp)s AND paused_at IS NOT NULL AND closed_at IS NULL HAVING count(*) > 0
