"""What handover says. `data` is plain JSON; staff, customer and group values are Linli's ids.

`cause` is "result" (WeCom's list of results, asked for), "event" (a callback), "call" (the answer to the call itself).
"""

PROPOSED = "handover.proposed"  # {handover, giver, shop, resigned}
STARTED = "handover.started"  # {handover, giver, shop, resigned, customers, groups, left_out}
ENDED = "handover.ended"  # {handover, giver, done, not_done}
HANDED_OVER = "handover.handed_over"  # {handover, giver, taker, resigned, cause}: of one customer
NOT_HANDED_OVER = "handover.not_handed_over"  # {handover, giver, taker, why, code, cause}: of one customer
GROUP_HANDED_OVER = "handover.group_handed_over"  # {handover, group, giver, taker, cause}
GROUP_NOT_HANDED_OVER = "handover.group_not_handed_over"  # {handover, group, giver, taker, why, code, cause}
UNASSIGNED = "handover.unassigned"  # {staff, n, cause}: customers newly on WeCom's list of those without a clerk
ASSIGNED_ELSEWHERE = "handover.assigned_elsewhere"  # {staff, n, cause}: gone from it without our doing
