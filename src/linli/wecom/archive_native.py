"""The vendor's native library as a back, held apart in a child process (decision 0015)."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field

from linli.kit.kin import tied
from linli.wecom import archive_frames as frames
from linli.wecom.archive import EncryptedMessage, MediaChunk, check_page, read_chat_data
from linli.wecom.archive_errors import LibraryBroken, NotDecrypted, archive_error
from linli.wecom.archive_library import Way

# The library's own time-out should end a call; the child is killed when it has not, this much later.
_GRACE_S = 10.0
# What of our environment the foreign code may see: no secrets, no database.
_SEEN = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "TZ", "LINLI_BEAT_FILE")


@dataclass(frozen=True, kw_only=True)
class Native:
    """Which library, for whom, and how it reaches WeCom."""

    library: str
    corp_id: str
    secret: str = field(repr=False)
    way: Way = field(default_factory=Way)


class NativeBack:
    """Starts the child at the first call, and again after it died; a crash or a hang raises LibraryBroken."""

    def __init__(self, native: Native, *, grace_s: float = _GRACE_S) -> None:
        self._native = native
        self._patience_s = native.way.timeout_s + grace_s
        self._child: subprocess.Popen[bytes] | None = None

    def chat_data(self, seq: int, limit: int) -> tuple[EncryptedMessage, ...]:
        """Return rows behind a seq."""
        check_page(seq, limit)
        _, answer = self._call("GetChatData", {"do": "chat_data", "seq": seq, "limit": limit})
        return read_chat_data(answer)

    def decrypt(self, random_key: bytes, message: str) -> bytes:
        """Decrypt by WeCom's own algorithm; the key goes as a C string."""
        if b"\0" in random_key:  # what a wrong private key unwraps
            raise NotDecrypted(10008, "DecryptData")
        return self._call("DecryptData", {"do": "decrypt", "message": message}, random_key)[1]

    def media_chunk(self, sdkfileid: str, index: str) -> MediaChunk:
        """Return one piece of a file."""
        head, data = self._call("GetMediaData", {"do": "media", "index": index, "file": sdkfileid})
        return MediaChunk(data=data, index=head["index"], finished=head["finished"])

    def close(self) -> None:
        """Let the child destroy its SDK and end; one that does not is killed."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        child.stdin.close()
        try:
            child.wait(self._patience_s)
        except subprocess.TimeoutExpired:
            child.kill()
        self._reap(child)

    def _call(self, call: str, head: frames.Head, body: bytes = b"") -> tuple[frames.Head, bytes]:
        child = self._child or self._start()
        said, data = self._exchange(child, call, head, body)
        if code := said["code"]:
            raise archive_error(code, "", call)
        return said, data

    def _start(self) -> subprocess.Popen[bytes]:
        env = {name: os.environ[name] for name in _SEEN if name in os.environ}
        env["PYTHONPATH"] = os.pathsep.join(one for one in sys.path if one)
        child = subprocess.Popen(
            tied([sys.executable, "-m", "linli.wecom.archive_child"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=env, bufsize=0,
        )  # fmt: skip
        self._child = child
        native, way = self._native, self._native.way
        head = {
            "library": native.library, "corp_id": native.corp_id, "secret": native.secret, "proxy": way.proxy,
            "password": way.password, "timeout_s": way.timeout_s,
        }  # fmt: skip
        said, _ = self._exchange(child, "Init", head)
        if "broken" in said:
            self.close()
            raise LibraryBroken(said["broken"], passing=False)
        if said["code"]:
            self.close()
            raise archive_error(said["code"], "", "Init")
        return child

    def _exchange(
        self, child: subprocess.Popen[bytes], call: str, head: frames.Head, body: bytes = b""
    ) -> tuple[frames.Head, bytes]:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            frames.write(child.stdin.fileno(), head, body)
            return frames.read(child.stdout.fileno(), self._patience_s)
        except (frames.Ended, frames.TooLate) as error:
            hung = isinstance(error, frames.TooLate)
            child.kill()
            self._child = None
            how = _ending(self._reap(child))
            reason = (
                f"{call}: no answer within {self._patience_s:g} s" if hung else f"{call}: its process ended ({how})"
            )
            raise LibraryBroken(reason, passing=True) from None

    @staticmethod
    def _reap(child: subprocess.Popen[bytes]) -> int:
        code = child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        return code


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
