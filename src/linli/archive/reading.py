"""Gives a message back as WeCom sent it, from its row, who was there, and its sealed words."""

from typing import Any

from linli.archive.models import AudienceMember, Message
from linli.archive.vault import Vault
from linli.wecom.archive_bodies import Switch
from linli.wecom.archive_messages import ArchivedMessage, parse_message


def message(*, corp_id: int, msgid: str) -> ArchivedMessage | None:
    """A kept message; its receivers come in the order of their ids."""
    row = Message.objects.filter(corp_id=corp_id, msgid=msgid).first()
    if row is None:
        return None
    whole: dict[str, Any] = Vault(corp_id).open_message(row.msgid, bytes(row.content_sealed))
    if row.sender:
        whole["user" if isinstance(parse_message(whole).body, Switch) else "from"] = row.sender
    if row.audience_id is not None:
        members = AudienceMember.objects.filter(corp_id=corp_id, audience_id=row.audience_id)
        names = members.order_by("member_id").values_list("member_id", flat=True)
        whole["tolist"] = [one for one in names if one != row.sender]
    return parse_message(whole)


def show(corp_id: int, cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of an export (personal.py): the last two cells are the message's id and its sealed words, which are opened."""
    *_shown, msgid, sealed = cells
    return (*cells[:-1], Vault(corp_id).open_message(msgid, bytes(sealed)))
