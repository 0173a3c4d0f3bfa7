"""What our copy of groups and members says, in the form in which the other side can be compared with it."""

import hashlib
import json
from typing import Any

from linli.groups.models import GroupChat, Member


def state_rows(*, corp_id: int) -> dict[str, list[dict[str, Any]]]:
    """Live groups and live members, sorted: the rows of the sandbox's /control/state."""
    groups = GroupChat.objects.filter(corp_id=corp_id, dismissed_at=None)
    members = Member.objects.filter(corp_id=corp_id, left_at=None, group__dismissed_at=None)
    names = ("group__chat_id", "member_id", "kind", "joined_at", "join_scene", "state")
    return {
        "groups": [
            {"chat_id": chat_id, "name": name, "owner": owner}
            for chat_id, name, owner in sorted(groups.values_list("chat_id", "name", "owner_userid"))
        ],
        "members": [
            {
                "chat_id": chat_id, "userid": member_id, "type": kind, "join_time": int(joined_at.timestamp()),
                "join_scene": scene, "state": state,
            }
            for chat_id, member_id, kind, joined_at, scene, state in sorted(members.values_list(*names))
        ],
    }  # fmt: skip


def digest(*, corp_id: int) -> str:
    """SHA-256 over the canonical JSON of `state_rows`."""
    return digest_of(state_rows(corp_id=corp_id))


def digest_of(state: dict[str, Any]) -> str:
    """The same digest over another side's state: only "groups" and "members" count, in any order."""
    canonical = {
        "groups": sorted(
            ({name: one[name] for name in ("chat_id", "name", "owner")} for one in state["groups"]),
            key=lambda one: str(one["chat_id"]),
        ),
        "members": sorted(
            (
                {name: one[name] for name in ("chat_id", "userid", "type", "join_time", "join_scene", "state")}
                for one in state["members"]
            ),
            key=lambda one: (str(one["chat_id"]), str(one["userid"])),
        ),
    }
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
