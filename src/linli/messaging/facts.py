"""What this room says."""

SEND_PLANNED = "messaging.send_planned"  # send; data: {name, planned, to_send, holdout, excluded: {reason: n}}
SEND_APPROVED = "messaging.send_approved"  # send; data: {name, author, send_at}
SEND_LAUNCHED = "messaging.send_launched"  # send; data: {name, tasks, tasked}
SEND_CANCELLED = "messaging.send_cancelled"  # send; data: {name, author}
SEND_DONE = "messaging.send_done"  # send; data: {name, sent}
TASK_CREATED = "messaging.task_created"  # task; data: {send_id, staff_id, userid, size, refused}
TASK_FAILED = "messaging.task_failed"  # task; data: {send_id, staff_id, code}
TASK_CONFIRMED = "messaging.task_confirmed"  # task; data: {send_id, staff_id, userid, size}
TASK_REMINDED = "messaging.task_reminded"  # task; data: {send_id, staff_id, author}
TASK_ESCALATED = "messaging.task_escalated"  # task; data: {send_id, staff_id, userid, size}
SENT = "messaging.sent"  # customer; data: {send_id, name, staff_id, task_id}
NOT_SENT = "messaging.not_sent"  # customer; data: {send_id, name, why: "over_limit"|"not_friend"}
# Moments; `cause` is "sync" (the first reading) or "changed_elsewhere": no callback tells of any.
MOMENT_MADE = "messaging.moment_made"  # moment; data: {moment, moment_id, kind: 0 corp | 1 personal, userid, cause}
MOMENT_PUBLISHED = (
    "messaging.moment_published"  # moment; data: {moment, staff_id, userid, cause}: somewhen before the reading
)
MOMENT_GONE = "messaging.moment_gone"  # moment; data: {moment, moment_id, cause}: WeCom says there is no such moment
MOMENT_LIKED = "messaging.moment_liked"  # customer; data: {moment, staff_id, cause}
MOMENT_COMMENTED = "messaging.moment_commented"  # customer; data: {moment, staff_id, cause}: WeCom tells no words
