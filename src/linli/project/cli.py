"""The command `linli`."""

import argparse
import sys

from linli.kit.errors import LinliError
from linli.project import keeping, processes

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
    commands.add_parser("reapply-erasures", help="after a restore: erase again who came back with the backup")
    password = commands.add_parser("password", help="set an account's password")
    password.add_argument("username")
    audit = commands.add_parser("audit", help="the audit trail: verify it, or accept the end that the database has")
    audit.add_argument("what", choices=("verify", "accept"))
    keeping.add(commands)
    password.add_argument("--enable", action="store_true", help="let a disabled account in again")
    password.add_argument("--without-second-step", action="store_true", help="forget a lost authenticator")
    replay = commands.add_parser("replay", help="let a subscriber hear again what happened after a position")
    replay.add_argument("subscriber")
    begin = replay.add_mutually_exclusive_group(required=True)
    begin.add_argument("--from", dest="position", type=int, help="0 is the beginning")
    begin.add_argument("--stop", action="store_true", help="end the one under way: what was replayed stays")
    replay.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
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
    if chosen.command in keeping.COMMANDS:
        return keeping.run(chosen)
    if chosen.command == "replay":
        from linli.project import replaying

        if chosen.stop:
            return replaying.stop(chosen.subscriber)
        return replaying.run(chosen.subscriber, from_position=chosen.position, dry=chosen.dry_run)
    from linli.project.house import first_administrator, opened

    if chosen.command == "up":
        return up()
    with opened(by=chosen.command):
        if chosen.command == "password":
            return _password(chosen)
        if chosen.command == "reapply-erasures":
            _erase_again()
        if chosen.command == "audit":
            from linli.project import audit_command

            return audit_command.run(chosen.what)
        first_administrator()
    return 0


def up() -> int:
    """The whole house until Ctrl-C."""
    from linli.kit.kin import end_leftovers
    from linli.kit.settings import read_settings
    from linli.project.house import first_administrator, opened
    from linli.project.lock import unheld
    from linli.project.supervisor import Supervisor, check_port, children

    settings = read_settings()
    with unheld(settings.data_dir):
        end_leftovers(settings.data_dir)  # they would hold the ports
    check_port(settings, settings.console_port, "LINLI_CONSOLE_PORT")
    check_port(settings, settings.ingress_port, "LINLI_INGRESS_PORT")
    with opened(by="up") as (settings, postgres):
        first_administrator()
        _erase_again()
        supervisor = Supervisor(children(settings), postgres)
        supervisor.start()
        print(
            f"linli: the console is at {settings.public_url} , callbacks go to {settings.callback_url} ; Ctrl-C stops"
        )
        supervisor.watch()
    return 0


def _erase_again() -> None:
    """Who was erased and came back with a restored database goes again; the journal lies in the data directory."""
    from linli.privacy import api as privacy

    if people := privacy.reapply_erasures():
        print(f"linli: {people} people came back with a restored database and are erased again")


def _password(chosen: argparse.Namespace) -> int:
    import getpass

    from linli.access import api as access

    access.set_password(
        username=chosen.username,
        password=getpass.getpass("new password: "),
        enable=chosen.enable,
        without_second_step=chosen.without_second_step,
    )
    known = access.account_named(username=chosen.username)
    if known is not None:
        access.system_act(corp_id=known[1], action="cli.password", subject=f"account:{known[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
