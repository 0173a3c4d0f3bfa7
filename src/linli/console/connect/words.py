"""What comparing found, in plain words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

KINDS = {
    "directory": gettext_noop("Departments, staff, shops"),
    "customers": gettext_noop("Customers, relations, tags"),
    "groups": gettext_noop("Groups and members"),
    "handover": gettext_noop("Customers without a clerk, hand-overs"),
    "messaging": gettext_noop("Open sends"),
    "acquisition": gettext_noop("Live codes"),
    "moments": gettext_noop("Moments"),
    "staff_days": gettext_noop("Figures of staff, day by day"),
    "group_days": gettext_noop("Figures of groups, day by day"),
    "acquisition.codes": gettext_noop("Codes of all shops"),
}
MISSED = {
    "change_external_contact.add_external_contact": gettext_noop("new friends"),
    "change_external_contact.del": gettext_noop("friends lost"),
    "change_external_contact.edit_external_contact": gettext_noop("tags or remarks changed by a clerk"),
    "change_external_tag.create": gettext_noop("tags made"),
    "change_external_tag.update": gettext_noop("tags renamed or moved"),
    "change_external_tag.delete": gettext_noop("tags deleted"),
    "change_external_chat.create": gettext_noop("groups opened"),
    "change_external_chat.dismiss": gettext_noop("groups dismissed"),
    "change_external_chat.update.change_name": gettext_noop("groups renamed"),
    "change_external_chat.update.change_notice": gettext_noop("group notices changed"),
    "change_external_chat.update.change_owner": gettext_noop("group owners changed"),
    "change_external_chat.update.add_member": gettext_noop("members joined"),
    "change_external_chat.update.del_member": gettext_noop("members left"),
}
ELSEWHERE = {
    "customers.edited": gettext_noop("customers with a new name or picture"),
    "customers.follow_restored": gettext_noop("relations that were there after all"),
    "directory.staff_joined": gettext_noop("staff who joined"),
    "directory.staff_left": gettext_noop("staff who left"),
    "directory.staff_out_of_sight": gettext_noop("staff whom WeCom does not show any more"),
    "directory.staff_in_sight": gettext_noop("staff whom WeCom shows again"),
    "directory.staff_moved": gettext_noop("staff who moved to another shop"),
    "directory.department_added": gettext_noop("departments added"),
    "directory.department_changed": gettext_noop("departments changed"),
    "directory.department_gone": gettext_noop("departments gone"),
    "groups.join_way_changed": gettext_noop("group codes that lead to other groups"),
    "groups.join_way_gone": gettext_noop("group codes gone"),
    "handover.unassigned": gettext_noop("customers whose clerk left"),
    "handover.assigned_elsewhere": gettext_noop("customers given to another clerk in WeCom’s console"),
    "messaging.task_created": gettext_noop("tasks found whose answer was lost"),
    "messaging.task_confirmed": gettext_noop("sends confirmed by clerks"),
    "messaging.task_failed": gettext_noop("tasks that WeCom refused"),
    "messaging.moment_made": gettext_noop("moments posted"),
    "messaging.moment_published": gettext_noop("moments published by clerks"),
    "messaging.moment_gone": gettext_noop("moments deleted"),
    "messaging.moment_liked": gettext_noop("likes on moments"),
    "messaging.moment_commented": gettext_noop("comments on moments"),
    "acquisition.code_repointed": gettext_noop("codes pointed at other clerks"),
    "acquisition.code_gone": gettext_noop("codes deleted"),
    "acquisition.code_state_lost": gettext_noop("codes with another channel"),
}


def listed(counts: Mapping[str, int], words: Mapping[str, str]) -> list[tuple[str, int]]:
    """Counts with their words, most first; what has no word yet keeps its name."""
    shown = [(_(words[name]) if name in words else name, count) for name, count in counts.items() if count]
    return sorted(shown, key=lambda one: (-one[1], one[0]))


def left(seconds: int | None) -> str:
    """How long something will take yet, in words that do not jump about; "" where nobody knows."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    minutes = -(-seconds // 60)
    if minutes < 100:
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(n)d hour left", "about %(n)d hours left", hours) % {"n": hours}
