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
