"""What is said comes into the archive, where a seat was bought and the customer agreed (wire.md G): the acts that write, and their like."""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from wecom_sandbox.callbacks.events import archive_event
from wecom_sandbox.chatlog import KEY_BITS, ArchivedFile, PublicKey, Said
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import STAFF, Group, Json
from wecom_sandbox.wire.archive import agreed, alive

# Kinds with a file → the fields of its size.
SIZES = {"image": "filesize", "voice": "voice_size", "video": "filesize", "emotion": "imagesize", "file": "filesize"}


@dataclass(frozen=True)
class Chat:
    """Who is together: everybody in it, its room ("" for two), whose words may be kept, and whether customers are in it."""

    people: tuple[str, ...]
    roomid: str
    kept: bool
    external: bool


def of_two(script: Script, userid: str, external_userid: str) -> Chat:
    """A member and a customer: kept when the member has a seat and the customer agreed."""
    kept = seated(script, [userid]) and agreed(script.world, script.corp, userid, "", external_userid)
    return Chat((userid, external_userid), "", kept, external=True)


def of_group(script: Script, group: Group, speaker: str) -> Chat:
    """A customer group: kept when a member of it has a seat, and, of a customer's words, when that customer agreed."""
    staff = [one.userid for one in group.members.values() if one.type == STAFF]
    own = speaker in staff or agreed(script.world, script.corp, "", group.chat_id, speaker)
    return Chat(tuple(group.members), group.chat_id, own and seated(script, staff), external=True)


def of_colleagues(script: Script, people: Iterable[str], roomid: str) -> Chat:
    """Members among themselves: kept when one of them has a seat."""
    return Chat(tuple(people), roomid, seated(script, people), external=False)


def say(script: Script, chat: Chat, speaker: str, *, action: str = "send", content: Json | None = None) -> Json:
    """Let a message be said; gives its msgid, and whether it is archived.

    What is said is `content`, else that of the wishes: msgtype and what belongs to it, with the bytes of `file` (base64)
    where it is of a kind that has them; else their `text`.
    """
    body = content or _wished(script)
    to = [one for one in chat.people if one != speaker]
    at = script.world.clock.time()
    msgid = f"{_number(script)}_{int(at * 1000)}{'_external' if chat.external else ''}"
    head = {
        "msgid": msgid,
        "action": action,
        "from": speaker,
        "tolist": to,
        "roomid": chat.roomid,
        "msgtime": int(at * 1000),
    }
    kept = chat.kept and _archive(script, {**head, **body}, at)
    script.corp.office.chatlog.remember(Said(msgid, speaker, to, chat.roomid, kept))
    return {"msgid": msgid, "archived": kept}


def takes_back(script: Script) -> Json:
    """Whoever said `msgid` takes it back; the archive keeps both."""
    said = script.corp.office.chatlog.said.get(script.text("msgid"))
    if said is None:
        raise ControlError(404, f"nothing was said as {script.wishes['msgid']!r}")
    people = (said.sender, *said.to)
    external = any(one in script.corp.customers for one in people)
    chat = Chat(people, said.roomid, said.archived, external=external)
    content = {"msgtype": "revoke", "revoke": {"pre_msgid": said.msgid}}
    return say(script, chat, said.sender, action="recall", content=content)


def staff_switches(script: Script) -> Json:
    """A member goes over to another of their companies in the client: a message without kind and receivers."""
    userid, at = script.staff(), script.world.clock.time()
    msgid = str(_number(script))
    message = {"msgid": msgid, "action": "switch", "time": int(at * 1000), "user": userid}
    return {"msgid": msgid, "archived": seated(script, [userid]) and _archive(script, message, at)}


def admin_sets_archive_key(script: Script) -> Json:
    """Set the next version of the public key (`public_key`, PEM, RSA with 2048 bits); nothing is archived before the first."""
    pem = script.text("public_key").strip()
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ControlError(400, f"public_key is no PEM: {error}") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != KEY_BITS:
        raise ControlError(400, "public_key is an RSA key with 2048 bits")
    keys = script.corp.office.chatlog.keys
    keys.append(PublicKey(len(keys) + 1, pem))
    return {"publickey_ver": len(keys)}


def seated(script: Script, userids: Iterable[str]) -> bool:
    """Tell whether somebody among them has a seat of an archive that has not ended."""
    return alive(script.world, script.corp) and any(one in script.corp.office.archive_seats for one in userids)


def _archive(script: Script, message: Json, at: float) -> bool:
    """Archive a message, and let the archive's app know, if it listens."""
    kept = script.corp.office.chatlog.add(message, at)
    for app in script.corp.apps.values():
        if kept and app.archive:
            script.world.tell(script.corp, app.agentid, archive_event(app.agentid))
    return kept


def _wished(script: Script) -> Json:
    content = script.wishes.get("content")
    if content is None:
        return {"msgtype": "text", "text": {"content": script.text("text", default="")}}
    if not isinstance(content, dict) or not isinstance(content.get("msgtype"), str):
        raise ControlError(400, "content is msgtype and what belongs to it")
    kind = content["msgtype"]
    if "file" not in script.wishes:
        return content
    if kind not in SIZES:
        raise ControlError(400, f"a file goes with one of {', '.join(SIZES)}")
    body = content.get(kind, {})
    return {**content, kind: {**body, **_filed(script, kind)}}


def _filed(script: Script, kind: str) -> Json:
    try:
        data = base64.b64decode(script.text("file"), validate=True)
    except binascii.Error as error:
        raise ControlError(400, "file is base64") from error
    chatlog, at = script.corp.office.chatlog, script.world.clock.time()
    sdkfileid = base64.b64encode(script.corp.digest(f"sdkfile/{chatlog.new_number()}").encode()).decode()
    chatlog.files[sdkfileid] = ArchivedFile(sdkfileid, script.world.vault.put(data), len(data), at)
    md5sum = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"md5sum": md5sum, SIZES[kind]: len(data), "sdkfileid": sdkfileid}


def _number(script: Script) -> int:
    digest = script.corp.digest(f"message/{script.corp.office.chatlog.new_number()}")
    return int.from_bytes(digest.encode()[:8], "big")
