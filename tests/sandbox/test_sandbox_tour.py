"""The tour of the sandbox's README, as a new user takes it: its commands literally, but for the port, and what they answer."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import wecom_sandbox

README = Path(wecom_sandbox.__file__).with_name("README.md")
FENCE = re.compile(r"^```(\w*)( \w+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = "8701"


@dataclass
class Terminal:
    """A program that runs in a terminal of its own."""

    process: subprocess.Popen[bytes]
    file: Path
    seen: int = 0

    def told(self) -> str:
        return self.file.read_text(encoding="utf-8")


@dataclass
class User:
    """Somebody at a machine with `wecom-sandbox` on the path."""

    folder: Path
    shell: subprocess.Popen[bytes]
    port: str = PORT
    terminals: list[Terminal] = field(default_factory=list)

    def open_terminal(self, command: str) -> Terminal:
        file = self.folder / f"terminal{len(self.terminals)}.txt"
        served = command.strip()
        if not self.terminals:
            served += " --port 0"
        elif self.port != PORT:
            served += f" --sandbox http://127.0.0.1:{self.port}"
        with file.open("wb") as out:
            process = subprocess.Popen(["bash", "-c", f"exec {served}"], stdout=out, stderr=out, env=self.path())
        self.terminals.append(Terminal(process, file))
        return self.terminals[-1]

    def path(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "no_proxy": "127.0.0.1"}

    def types(self, commands: str) -> str:
        """What the second terminal shows for these commands."""
        assert self.shell.stdin and self.shell.stdout
        end = "--- the end of it ---"
        text = commands.replace(PORT, self.port) + f"\necho; echo '{end}'\n"
        self.shell.stdin.write(text.encode())
        self.shell.stdin.flush()
        lines: list[str] = []
        while (line := self.shell.stdout.readline().decode()) and line.strip() != end:
            lines.append(line)
        return "".join(lines)


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    program = tmp_path / "wecom-sandbox"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wecom_sandbox "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    person = User(tmp_path, None)  # type: ignore[arg-type]
    person.shell = subprocess.Popen(["bash"], env=person.path(), **pipes)  # type: ignore[call-overload]
    yield person
    for terminal in reversed(person.terminals):
        terminal.process.send_signal(signal.SIGINT)
        terminal.process.wait(20)
    person.shell.stdin.close()
    person.shell.wait(10)


def shape(expected: str) -> re.Pattern[str]:
    """`…` stands for anything within a line; blank lines do not count."""
    lines = [line for line in expected.splitlines() if line.strip()]
    return re.compile(r"\n+".join(re.escape(line).replace("…", ".*") for line in lines))


def wait_for(terminal: Terminal, wanted: str) -> None:
    """Until a terminal shows this, below what was looked for before."""
    limit = time.monotonic() + 20
    while not (found := shape(wanted).search(terminal.told(), terminal.seen)):
        assert terminal.process.poll() is None, terminal.told()
        assert time.monotonic() < limit, f"wanted {wanted}\nseen {terminal.told()}"
        time.sleep(0.02)
    terminal.seen = found.end()


def test_every_command_of_the_tour_does_what_it_says(user: User) -> None:
    tour = README.read_text(encoding="utf-8").split("## Five minutes\n")[1].split("\n## ")[0]
    shown = ""
    blocks = FENCE.findall(tour)
    assert len(blocks) > 15
    for (kind, more, text), (before, terminal, _) in zip(blocks, [("", "", ""), *blocks], strict=False):
        wanted = text.replace(PORT, user.port)
        if (kind, more) == ("sh", " terminal"):
            user.open_terminal(text)
        elif kind == "sh":
            shown = user.types(text)
        elif more == " heard":
            wait_for(user.terminals[1], wanted)
        elif terminal:
            wait_for(user.terminals[-1], wanted.replace(PORT, "…") if len(user.terminals) == 1 else wanted)
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", user.terminals[0].told())
            assert found
            user.port = found[1]
        else:
            assert before == "sh"
            assert shape(wanted).fullmatch(shown.strip()), f"wanted:\n{wanted}\nshown:\n{shown}"
