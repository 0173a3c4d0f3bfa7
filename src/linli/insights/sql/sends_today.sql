-- Sends that are going on, and those whose day is today.
SELECT id, name, state, coalesce(send_at, tasked_at, planned_at, created_at) AS at
FROM messaging_send
WHERE corp_id = %(corp)s AND (
    state IN ('approved', 'creating', 'tasked')
    OR (state IN ('planned', 'done') AND coalesce(send_at, tasked_at, done_at, planned_at) >= %(start)s
        AND coalesce(send_at, tasked_at, done_at, planned_at) < %(stop)s))
ORDER BY 4, id LIMIT 20
