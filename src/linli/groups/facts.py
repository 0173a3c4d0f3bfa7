"""What groups says. Only customers are told of: staff in a group are no customers (S04). `data` is plain JSON.

`scene` is WeCom's join_scene (0 unknown, 1 invited, 2 invite link, 3 QR), `state` the join way's state,
`by` is "self", "removed", or "" when nobody told; `cause` is "event", "sync" (the first reading), "missed_callback" (a
reading found what no callback told; `missed` names the callbacks), "changed_elsewhere" (fires no callback) or "linli".
"""

OPENED = "groups.opened"  # {group, chat_id, name, owner, shop, community, cause}
CHANGED = "groups.changed"  # {group, fields: [name], cause}: name, notice, owner_userid, shop, community
DISMISSED = "groups.dismissed"  # {group, members, cause}: how many customers were still inside
MEMBER_JOINED = "groups.member_joined"  # {group, customer, member, scene, state, cause}
MEMBER_LEFT = "groups.member_left"  # {group, customer, member, by, cause}
MEMBER_KNOWN = "groups.member_known"  # {group, customer, member, scene, state}: who they are came after the join
COMMUNITY_OPENED = "groups.community_opened"  # {community, name, kind, owner}
COMMUNITY_CLOSED = "groups.community_closed"  # {community}
JOIN_WAY_MADE = "groups.join_way_made"  # {join_way, shop, community, state}
JOIN_WAY_CHANGED = "groups.join_way_changed"  # {join_way, chat_ids, cause}: it leads to other groups
JOIN_WAY_GONE = "groups.join_way_gone"  # {join_way, shop, community, state, cause}: WeCom has it no more
