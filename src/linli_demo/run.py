"""`make demo` and `make demo-report`: the sandbox, the whole house and the story, under one supervisor."""

import argparse
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from linli.kit.errors import LinliError
from linli.kit.settings import default_data_dir, read_settings
from linli.project.house import opened
from linli.project.supervisor import Child, Supervisor, check_port, children
from linli_demo import sandbox
from linli_demo.kills import MOST_RESTARTS, Killer

_START = "2010-12-01T00:00:00+08:00"


def main() -> int:
    """Exit codes: 0 well, 1 a check failed or something is in the way (said in one sentence)."""
    parser = argparse.ArgumentParser(prog="linli_demo")
    parser.add_argument(
        "--report", action="store_true", help="a directory of its own, faults, demo-report.json, then stop"
    )
    parser.add_argument("--faults", action="store_true", help="with --report: every fault of faults.yaml, and kills")
    parser.add_argument("--until", default="", help="stop the story after this day (YYYY-MM-DD)")
    chosen = parser.parse_args()
    os.environ["LINLI_STORY_UNTIL"] = chosen.until
    try:
        return _report(faults=chosen.faults) if chosen.report else _demo()
    except LinliError as error:
        print(f"linli: {error}", file=sys.stderr)
        return 1


def _demo() -> int:
    given = os.environ.get("LINLI_DATA_DIR")
    folder = Path(given) if given else default_data_dir(os.environ).with_name("demo")
    _environment(folder, console=8600, ingress=8601, stand_in=8700)
    settings = read_settings()
    for port, variable in ((8600, "LINLI_CONSOLE_PORT"), (8601, "LINLI_INGRESS_PORT"), (8700, "LINLI_SANDBOX_PORT")):
        check_port(settings, int(os.environ.get(variable, port)), variable)
    with _Stage(folder) as stage:
        print(f"linli: the console is at {read_settings().public_url} , sign in as  admin / {stage.password}")
        print(
            f"linli: WeCom's stand-in is at {os.environ['LINLI_SANDBOX']} ; the story runs by itself; Ctrl-C stops all"
        )
        print(
            f"linli: take the phones of its customers and clerks in your hand at {os.environ['LINLI_SANDBOX']}/phones"
        )
        stage.supervisor.watch()
    return 0


def _report(*, faults: bool) -> int:
    base = default_data_dir(os.environ).parent
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="report-", dir=base))
    _environment(folder, console=_free_port(), ingress=_free_port(), stand_in=_free_port())
    os.environ["LINLI_STORY_FAULTS"] = "all" if faults else "1"
    try:
        with _Stage(folder) as stage:
            if not faults:
                print("linli: the story runs (about eight minutes), with 2 % of callbacks doubled and 2 % reordered")
                code = stage.until_story_ends()
                from linli_demo.report import write_report

                return write_report(Path("demo-report.json"), story_code=code)
            print("linli: the story runs (about ten minutes), with every fault of faults.yaml and four kills")
            killer = Killer(folder / "story.json", stage.supervisor)
            code = stage.until_story_ends(restarts=MOST_RESTARTS, look=killer.look)
            from linli_demo.faulty import write_faulty_report

            return write_faulty_report(Path("demo-report.json"), story_code=code, kills=killer.done)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Stage:
    """Everything up: sandbox, database, processes, story. Whatever goes wrong, what was started is stopped again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._set()
        except BaseException:
            self._open.close()
            raise
        return self

    def _set(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        port = int(os.environ["LINLI_SANDBOX_PORT"])
        stand_in = Child("sandbox", sandbox.command(port, self._folder, _START))
        self.story = Child("story", [sys.executable, "-m", "linli_demo.story"], once=True)
        first = Supervisor([stand_in])
        stand_in.start()
        self._open.callback(first.halt)
        sandbox.wait(os.environ["LINLI_SANDBOX"], stand_in.process)
        settings, postgres = self._open.enter_context(opened())
        self.password = _prepare(self._folder)
        self.supervisor = Supervisor([stand_in, *children(settings), self.story], postgres)
        self.supervisor.listen()
        self._open.callback(self.supervisor.halt)
        for child in self.supervisor.crew[1:]:
            child.start()

    def until_story_ends(self, *, restarts: int = 0, look: Callable[[], None] = lambda: None) -> int:
        """The story's exit code; 1 when somebody asked to stop. After a fall it goes on at its bookmark, `restarts` times."""
        starts = len(self.story.started) + restarts
        while not self.supervisor.asked_to_stop:
            code = self.story.process.poll() if self.story.process is not None else 1
            if code == 0 or (code is not None and len(self.story.started) >= starts):
                return code
            look()
            self.supervisor.mend()
            time.sleep(0.2)
        return 1

    def __exit__(self, *error: object) -> None:
        self._open.close()


def _prepare(folder: Path) -> str:
    """The corp and its one administrator; the password is kept for the demo's next start."""
    from linli.access import api as access
    from linli_demo.cast import CORP_ID, CORP_NAME

    note = folder / "sign-in"
    corp = access.create_corp(wecom_id=CORP_ID, name=CORP_NAME)
    if access.has_accounts() and note.exists():
        return note.read_text()
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    note.touch(mode=0o600)
    note.write_text(password)
    if access.has_accounts():
        access.set_password(username="admin", password=password)
    else:
        access.create_administrator(corp_id=corp.id, username="admin", password=password, name="周岚")
    return password


def _environment(folder: Path, *, console: int, ingress: int, stand_in: int) -> None:
    env = os.environ
    env.pop("DATABASE_URL", None)  # the demo has a server of its own, never a given one
    env["LINLI_DATA_DIR"] = str(folder)
    env["LINLI_CLOCK_FILE"] = str(folder / "clock")
    env["LINLI_DEMO"] = "1"
    env.setdefault("LINLI_LOG", "text")  # a newcomer reads it, also from a file
    env.setdefault("LINLI_CONSOLE_PORT", str(console))
    env.setdefault("LINLI_INGRESS_PORT", str(ingress))
    env.setdefault("LINLI_SANDBOX_PORT", str(stand_in))
    env["LINLI_SANDBOX"] = f"http://127.0.0.1:{env['LINLI_SANDBOX_PORT']}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
