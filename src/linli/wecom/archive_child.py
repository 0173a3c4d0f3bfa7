"""The process that holds the vendor's native library: it may crash, hang or write to stdout, and nobody else is hurt.

Run as `python -m linli.wecom.archive_child` by archive_native.py. The first frame says what to load and for whom (the secret
comes by the pipe, so that it stands in no command line and no environment); each later one is a call. It ends with its pipe.
"""

import os
import resource
import sys

from linli.wecom import archive_frames as frames
from linli.wecom.archive_library import Library, ReturnCode, Way


def answer(library: Library, head: frames.Head, body: bytes) -> tuple[frames.Head, bytes]:
    """Make one call."""
    match head["do"]:
        case "chat_data":
            return {"code": 0}, library.chat_data(head["seq"], head["limit"])
        case "decrypt":
            return {"code": 0}, library.decrypt(body, head["message"].encode())
        case "media":
            piece = library.media(head["index"].encode("latin-1"), head["file"].encode())
            return {"code": 0, "index": piece.index.decode("latin-1"), "finished": piece.finished}, piece.data
        case other:
            raise ValueError(other)


def load(head: frames.Head) -> Library:
    """Load and initialise the library."""
    way = Way(proxy=head["proxy"], password=head["password"], timeout_s=head["timeout_s"])
    return Library(head["library"], head["corp_id"], head["secret"], way)


def serve(inward: int, outward: int) -> None:
    """Answer until the pipe ends."""
    head, _ = frames.read(inward)
    try:
        library = load(head)
    except (OSError, AttributeError) as error:
        return frames.write(outward, {"broken": str(error)})
    except ReturnCode as error:
        return frames.write(outward, {"code": error.code})
    try:
        frames.write(outward, {"code": 0})
        while True:
            head, body = frames.read(inward)
            try:
                said, data = answer(library, head, body)
            except ReturnCode as error:
                said, data = {"code": error.code}, b""
            frames.write(outward, said, data)
    finally:
        library.close()


def main() -> int:
    """Keep stdout for frames: what the library prints goes where errors go."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the secret and people's words
    outward = os.dup(1)
    os.dup2(2, 1)
    try:
        serve(0, outward)
    except frames.Ended:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
