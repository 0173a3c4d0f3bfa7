"""Uploaded files on disk: bounded while they come in, gone when they are in."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.commerce.models import ImportRun
from linli.kit.errors import BadInput

UNPACKED_TIMES = 20  # a CSV file packs to a tenth; far more is a bomb
_PIECE = 1 << 20


def most_bytes() -> int:
    """How large a file may be when unpacked."""
    return int(settings.LINLI.upload_limit) * UNPACKED_TIMES


def folder(run: ImportRun) -> Path:
    """Where this run's parts lie."""
    return Path(settings.LINLI.data_dir) / "imports" / str(run.corp_id) / str(run.pk)


def keep_files(run: ImportRun, files: Iterable[tuple[str, BinaryIO]]) -> list[dict[str, str]]:
    """Write the parts in their order; BadInput (and nothing kept) when together they are too large."""
    place = folder(run)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    room = int(settings.LINLI.upload_limit)
    parts = []
    try:
        for index, (name, stream) in enumerate(files):
            path = place / f"part-{index}"
            room -= _copy(stream, path, room)
            parts.append({"name": name[:200], "path": str(path)})
    except BadInput:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return parts


def _copy(stream: BinaryIO, path: Path, room: int) -> int:
    size = 0
    with path.open("wb") as file:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > room:
                raise BadInput(
                    "upload_too_large", _("The upload is too large: pack it (.csv.gz) or cut it into parts.")
                )
            file.write(piece)
    return size


def forget_files(run: ImportRun) -> None:
    """The orders are in; the files with people's data need not stay."""
    if run.files and all(Path(part["path"]).is_relative_to(folder(run)) for part in run.files):
        shutil.rmtree(folder(run), ignore_errors=True)
