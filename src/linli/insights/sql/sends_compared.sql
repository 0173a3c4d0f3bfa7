-- Sends that reached the clerks, newest first: only these have anybody to compare.
SELECT id, name, state, tasked_at, holdout_percent, count(*) OVER () AS whole
FROM messaging_send
WHERE corp_id = %(corp)s AND tasked_at IS NOT NULL
ORDER BY tasked_at DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s
