"""Readable names for numbers and keys of groups."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, Promise] = {
    "shop": _("shop benefit group"),
    "vip": _("VIP group"),
    "fans": _("core fans group"),
    "interest": _("interest group"),
    "seeding": _("recommendation group"),
    "course": _("course group"),
    "flash": _("flash group"),
}
# join_scene of groupchat/get; WeCom's own numbers stay in the rows.
SCENES: dict[int, Promise] = {
    0: _("not told yet"),
    1: _("invited by a member"),
    2: _("by an invitation link"),
    3: _("by code"),
}
LEFT_BY: dict[str, Promise] = {
    "": _("not told"),
    "self": _("left"),
    "removed": _("removed by the owner"),
    "dismissed": _("group dismissed"),
}
STATUS: dict[int, Promise] = {
    1: _("owner has left the company"),
    2: _("is being handed over"),
    3: _("was handed over"),
}
