"""Readable names for keys of acquisition."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.acquisition.nearest import Why

WHY: dict[Why, Promise] = {
    Why.CLOSED: _("closed for now"),
    Why.FULL: _("clerks' lists are full"),
    Why.NO_CODE: _("no code in use"),
}
CHANGES: dict[str, Promise] = {
    "asked": _("asked for"),
    "made": _("made at WeCom"),
    "repointed": _("pointed at other clerks"),
    "paused": _("paused"),
    "resumed": _("in use again"),
    "described": _("name, reason or cost changed"),
    "closed": _("closed for good"),
    "deleted": _("deleted at WeCom"),
}
