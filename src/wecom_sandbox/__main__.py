"""Run the sandbox: python -m wecom_sandbox --port 8701 --clock-file PATH --state PATH."""

import argparse
import logging
import sys
from pathlib import Path

import uvicorn

from wecom_sandbox.clock import parse_instant
from wecom_sandbox.errors import ControlError
from wecom_sandbox.faults.scenario import load_scenario
from wecom_sandbox.server import Options, Sandbox, listen

logger = logging.getLogger("wecom_sandbox")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wecom_sandbox", description="A stand-in for WeCom on one machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: this machine only)")
    parser.add_argument("--port", type=int, default=8701, help="port to bind; 0 takes a free one")
    parser.add_argument("--clock-file", type=Path, help="8-byte float64 file with the clock's offset in seconds")
    parser.add_argument("--state", type=Path, help="JSON file to load at the start and to save to")
    parser.add_argument("--start", type=parse_instant, help="virtual time of a new world, ISO 8601 or unix")
    parser.add_argument("--faults", type=Path, help="YAML file with the plan of faults to begin with")
    parser.add_argument(
        "--allow-host", action="append", default=[], help="a name with dots that this sandbox is called by"
    )
    return parser.parse_args()


def main() -> None:
    """Serve until SIGTERM or SIGINT, then save."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    arguments = _arguments()
    # Closing a connection half-way is how an answer is lost here; the server would call it an error each time.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    try:
        plan = load_scenario(arguments.faults) if arguments.faults else None
        sandbox = Sandbox(
            Options(arguments.clock_file, arguments.state, arguments.start, plan, tuple(arguments.allow_host))
        )
    except ControlError as error:
        sys.exit(f"wecom_sandbox: {error.error}")
    listener = listen(arguments.host, arguments.port)
    host, port = listener.getsockname()[:2]
    logger.info("listening on http://%s:%s, virtual time %s", host, port, sandbox.world.clock.iso())
    logger.info("phones one can hold: http://%s:%s/phones", host, port)
    config = uvicorn.Config(sandbox.app(), log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
