"""What directory says. Every `data` is plain JSON; ids are Linli's own unless they are called userid.

`cause` is "sync" (the first reading), "linli" (an operator said it here) or "changed_elsewhere": an ordinary app gets no
callbacks about the address book.
"""

STAFF_JOINED = "directory.staff_joined"  # {staff_id, userid, shop_id, cause}
STAFF_LEFT = "directory.staff_left"  # {staff_id, userid, shop_id, cause}
STAFF_OUT_OF_SIGHT = "directory.staff_out_of_sight"  # {staff_id, userid, shop_id, cause}: left, or out of range
STAFF_IN_SIGHT = "directory.staff_in_sight"  # {staff_id, userid, shop_id, cause}: shown again
STAFF_MOVED = "directory.staff_moved"  # {staff_id, userid, from_shop_id, shop_id, cause}
STAFF_RENAMED = "directory.staff_renamed"  # {staff_id, was, userid}: WeCom's id of the same person is another one now
STAFF_MERGED = "directory.staff_merged"  # {staff_id, was_staff_id, userid}: two rows were one person, the first stays
DEPARTMENT_ADDED = "directory.department_added"  # {wecom_id, name, cause}
DEPARTMENT_CHANGED = "directory.department_changed"  # {wecom_id, name, fields: [name], cause}
DEPARTMENT_GONE = "directory.department_gone"  # {wecom_id, name, cause}
SHOP_ADDED = "directory.shop_added"  # {shop_id, code, name}
SHOP_OPENED = "directory.shop_opened"  # {shop_id, code}
SHOP_CLOSED = "directory.shop_closed"  # {shop_id, code}
