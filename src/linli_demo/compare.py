"""Linli's mirror against the sandbox's own state, by checksum."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

FIELDS = {
    "customers": ("external_userid", "name", "unionid", "type", "gender"),
    "follows": ("userid", "external_userid", "createtime", "state", "add_way", "remark", "tags"),
    "tags": ("id", "name", "group_name"),
    "groups": ("chat_id", "name", "owner"),
    "members": ("chat_id", "userid", "type", "join_time", "join_scene", "state"),
}


def compare(wecom: Mapping[str, Any], linli: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each kind of row: how many and the SHA-256 on both sides, and the first rows that only one side has."""
    found = {}
    for what, fields in FIELDS.items():
        ours, theirs = _rows(linli[what], fields), _rows(wecom[what], fields)
        found[what] = {
            "linli": f"{len(ours)}:{_checksum(ours)}",
            "wecom": f"{len(theirs)}:{_checksum(theirs)}",
            "differing": len(set(ours) ^ set(theirs)),
            "only_linli": sorted(set(ours) - set(theirs))[:3],
            "only_wecom": sorted(set(theirs) - set(ours))[:3],
        }
    return found


def _rows(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> list[str]:
    return sorted(json.dumps([row.get(field) for field in fields], ensure_ascii=False) for row in rows)


def _checksum(rows: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]
