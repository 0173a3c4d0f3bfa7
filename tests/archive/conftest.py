"""The library of our own with the vendor's symbols, compiled once; what it is told stands in a directory."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from linli.access import api as access
from linli.access.models import Account
from linli.wecom.archive_library import Way
from linli.wecom.archive_native import Native, NativeBack
from tests.archive.town import Town, world
from tests.connect.staged import linked_corp
from tests.sandbox.stage import Stage

SOURCE = Path(__file__).with_name("finance_sdk.c")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        pytest.skip(
            "THE NATIVE ARCHIVE WAS NOT TRIED: there is no C compiler here (on Debian: apt-get install gcc libc6-dev)"
        )
    made = tmp_path_factory.mktemp("sdk") / "libfinance_sdk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", str(made), str(SOURCE)], check=True)
    return made


@dataclass
class Told:
    """What the library does, and what it wrote."""

    folder: Path

    def says(self, name: str, content: str | bytes) -> None:
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def forgets(self, name: str) -> None:
        (self.folder / name).unlink()

    def wrote(self, name: str) -> str:
        return (self.folder / name).read_text()

    @property
    def live(self) -> int:
        """Allocations that were not given back."""
        return int(self.wrote("live"))


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


@pytest.fixture
def back(library: Path, told: Told) -> Iterator[NativeBack]:
    way = Way(proxy="socks5://10.0.0.1:8081", password="user:word", timeout_s=7)
    made = NativeBack(Native(library=str(library), corp_id="ww1", secret=str(told.folder), way=way))
    yield made
    made.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    made.control("seed", world())
    yield made
    made.stop()


line = pytest.fixture(linked_corp)


@pytest.fixture
def town(stage: Stage, line: object) -> Town:
    """Linli reads the sandbox's archive; one customer has agreed, nothing is read yet."""
    made = Town(stage, line.id)  # type: ignore[attr-defined]
    made.begin()
    return made


@pytest.fixture
def admin_of(client: Client) -> Callable[[int], Client]:
    """Django's test client, signed in as the administrator of a corp."""

    def sign_in(corp_id: int) -> Client:
        made = access.create_administrator(corp_id=corp_id, username=f"admin-{corp_id}", password="a long pass phrase")
        client.force_login(Account.objects.get(id=made))
        return client

    return sign_in
