-- Sends that reached the clerks (of a part: its own clerks), newest first: only these have anybody to compare.
SELECT id, name, state, tasked_at, holdout_percent, count(*) OVER () AS whole
FROM messaging_send
WHERE corp_id = %(corp)s AND tasked_at IS NOT NULL
  AND (%(staff)s::bigint[] IS NULL OR id IN (
      SELECT send_id FROM messaging_stafftask WHERE corp_id = %(corp)s AND staff_id = ANY(%(staff)s::bigint[])))
ORDER BY tasked_at DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s
