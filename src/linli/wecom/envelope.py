"""The outer XML of a callback, before decryption."""

from dataclasses import dataclass

from linli.wecom.errors import BadXml
from linli.wecom.xmltree import parse


@dataclass(frozen=True, slots=True)
class Envelope:
    """What WeCom posts to us; `agent_id` is empty where the callback belongs to no app."""

    to_user_name: str
    agent_id: str
    encrypt: str


def parse_envelope(body: bytes) -> Envelope:
    """Read a callback body; raises BodyTooLarge above 64 KiB and BadXml for broken or dangerous XML."""
    fields = {child.tag: child.text or "" for child in parse(body)}
    encrypt = fields.get("Encrypt", "")
    if not encrypt:
        reason = "Encrypt is missing"
        raise BadXml(reason)
    return Envelope(fields.get("ToUserName", ""), fields.get("AgentID", ""), encrypt)
