"""The command `linli`."""

import argparse
import sys

from linli.kit.errors import LinliError
from linli.project import processes

_LOOPS = {
    "drain": processes.run_drain,
    "welcome": processes.run_welcome,
    "deliver": processes.run_deliver,
    "worker": processes.run_worker,
}


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 well, 1 an expected error told in one sentence, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="linli", description="Linli 邻里: a brand's private domain on WeCom")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="run everything: PostgreSQL, console, ingress, workers")
    commands.add_parser("migrate", help="bring the tables up to date")
    password = commands.add_parser("password", help="set an account's password")
    password.add_argument("username")
    for name in _LOOPS:
        commands.add_parser(name, help=f"(started by up) the {name} process")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except LinliError as error:
        print(f"linli: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(chosen: argparse.Namespace) -> int:
    if chosen.command in _LOOPS:
        _LOOPS[chosen.command]()
        return 0
    from linli.project.house import first_administrator, opened

    if chosen.command == "up":
        return up()
    with opened():
        if chosen.command == "password":
            return _password(chosen.username)
        first_administrator()
    return 0


def up() -> int:
    """The whole house until Ctrl-C."""
    from linli.kit.settings import read_settings
    from linli.project.house import first_administrator, opened
    from linli.project.supervisor import Supervisor, check_port, children

    settings = read_settings()
    check_port(settings, settings.console_port, "LINLI_CONSOLE_PORT")
    check_port(settings, settings.ingress_port, "LINLI_INGRESS_PORT")
    with opened() as (settings, postgres):
        first_administrator()
        supervisor = Supervisor(children(settings), postgres)
        supervisor.start()
        print(
            f"linli: the console is at {settings.public_url} , callbacks go to {settings.callback_url} ; Ctrl-C stops"
        )
        supervisor.watch()
    return 0


def _password(username: str) -> int:
    import getpass

    from linli.access import api as access

    access.set_password(username=username, password=getpass.getpass("new password: "))
    return 0


if __name__ == "__main__":
    sys.exit(main())
