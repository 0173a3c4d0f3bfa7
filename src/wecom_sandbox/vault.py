"""The bytes of uploaded files, by their SHA-256: beside the state file, or in memory where the world is not kept."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Vault:
    """Files without names; equal ones are kept once. On disk they are whole as soon as `put` has answered."""

    def __init__(self, folder: Path | None = None) -> None:
        """Use a folder, made with the first file, or memory."""
        self._folder = folder
        self._memory: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """Keep bytes; gives their digest."""
        digest = hashlib.sha256(data).hexdigest()
        if self._folder is None:
            self._memory[digest] = data
        elif not (self._folder / digest).exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f"{digest}.tmp"
            draft.write_bytes(data)
            draft.replace(self._folder / digest)
        return digest

    def get(self, digest: str) -> bytes:
        """Give the bytes of a digest that is kept."""
        return self._memory[digest] if self._folder is None else (self._folder / digest).read_bytes()

    def keep_only(self, digests: Iterable[str]) -> None:
        """Forget everything that nothing refers to any more."""
        wanted = set(digests)
        self._memory = {digest: data for digest, data in self._memory.items() if digest in wanted}
        if self._folder is not None and self._folder.exists():
            for path in self._folder.iterdir():
                if path.name not in wanted:
                    path.unlink()
