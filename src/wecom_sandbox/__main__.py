"""`wecom-sandbox`, or python -m wecom_sandbox: serve; `listen` hears callbacks, `load` makes traffic (README.md)."""

import argparse
import logging
import sys
from pathlib import Path

logger = logging.getLogger("wecom_sandbox")


def _arguments(words: list[str]) -> argparse.Namespace:
    from wecom_sandbox.clock import parse_instant

    parser = argparse.ArgumentParser(
        prog="wecom-sandbox",
        description="A stand-in for WeCom on one machine.",
        epilog="wecom-sandbox listen --help: hear callbacks; wecom-sandbox load --help: make traffic",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: this machine only)")
    parser.add_argument("--port", type=int, default=8701, help="port to bind; 0 takes a free one")
    parser.add_argument("--play", action="store_true", help="begin with a small world to play with")
    parser.add_argument("--clock-file", type=Path, help="8-byte float64 file with the clock's offset in seconds")
    parser.add_argument("--state", type=Path, help="JSON file to load at the start and to save to")
    parser.add_argument("--start", type=parse_instant, help="virtual time of a new world, ISO 8601 or unix")
    parser.add_argument("--faults", type=Path, help="YAML file with the plan of faults to begin with")
    parser.add_argument(
        "--allow-host", action="append", default=[], help="a name with dots that this sandbox is called by"
    )
    return parser.parse_args(words)


def main() -> None:
    """Do what the command line says; serving ends with SIGTERM or SIGINT, and saves."""
    words = sys.argv[1:]
    if words[:1] == ["listen"]:
        from wecom_sandbox.ears import main as listen_to

        listen_to(words[1:])
    elif words[:1] == ["load"]:
        from wecom_sandbox.load_command import main as make_load

        make_load(words[1:])
    else:
        _serve(_arguments(words))


def _serve(asked: argparse.Namespace) -> None:
    import uvicorn

    from wecom_sandbox import play
    from wecom_sandbox.errors import ControlError
    from wecom_sandbox.faults.scenario import load_scenario
    from wecom_sandbox.server import Options, Sandbox, listen

    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Closing a connection half-way is how an answer is lost here; the server would call it an error each time.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    try:
        plan = load_scenario(asked.faults) if asked.faults else None
        hosts = tuple(asked.allow_host)
        sandbox = Sandbox(Options(asked.clock_file, asked.state, asked.start, plan, hosts=hosts, play=asked.play))
    except ControlError as error:
        sys.exit(f"wecom-sandbox: {error.error}")
    listener = listen(asked.host, asked.port)
    host, port = listener.getsockname()[:2]
    logger.info("listening on http://%s:%s, virtual time %s", host, port, sandbox.world.clock.iso())
    logger.info("phones one can hold: http://%s:%s/phones", host, port)
    if asked.play:
        logger.info("%s", play.told(f"http://{host}:{port}"))
    config = uvicorn.Config(sandbox.app(), log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
