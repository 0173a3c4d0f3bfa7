"""A member records a voice in a page of an app (JS uploadVoice); only such a voice has a fine form."""

import base64
import binascii

from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.library import JSSDK, MediaFile
from wecom_sandbox.records import Json

# A second of silence: 50 empty AMR frames.
SILENCE = b"#!AMR\n" + b"\x7c" * 50
SPEEX = b"Speex   1.2"


def record_voice(script: Script) -> Json:
    """Record: the page gets a media_id, behind which lie an AMR and a speex (`speex` in base64, else a head only)."""
    userid, now = script.staff(), script.world.now()
    try:
        fine = base64.b64decode(script.text("speex", default=""), validate=True) or SPEEX
    except binascii.Error as error:
        raise ControlError(400, "speex is base64") from error
    vault = script.world.vault
    file = MediaFile(
        media_id="1" + script.corp.digest(f"media/{script.corp.next_seq()}"),
        kind="voice",
        origin=JSSDK,
        name=f"{userid}.amr",
        content_type="audio/amr",
        digest=vault.put(SILENCE),
        size=len(SILENCE),
        created_at=now,
        ends_at=now + int(script.world.tunables.media_life_s),
        fine=vault.put(fine),
    )
    script.corp.library.files[file.media_id] = file
    return {"media_id": file.media_id}
