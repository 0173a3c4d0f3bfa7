"""`wecom-sandbox load`: begin a load in a running sandbox, wait for its end, and print what came of it."""

import argparse
import sys
import time
from dataclasses import fields

import httpx

from wecom_sandbox.load import KINDS, Pace

LOOK_S = 0.25


def main(words: list[str]) -> None:
    """Print the figures; exit with 1 where a listening app did not hear everything."""
    parser = argparse.ArgumentParser(
        prog="wecom-sandbox load", description="Let customers and clerks act at a pace (per second, by kind)."
    )
    parser.add_argument("--sandbox", default="http://127.0.0.1:8701", help="the sandbox's address")
    parser.add_argument("--corp", help="the corp, where there are several")
    for one in fields(Pace):
        what = " a second" if one.name in KINDS else ""
        parser.add_argument(f"--{one.name}", type=type(one.default), help=f"default {one.default}{what}")
    asked = vars(parser.parse_args(words))
    base, corp = asked.pop("sandbox"), asked.pop("corp")
    wishes = {name: value for name, value in asked.items() if value is not None} | ({"corp_id": corp} if corp else {})
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as http:
        try:
            told = http.post("/control/load", json=wishes).json()
            while told["ok"] and not told["done"]:
                time.sleep(LOOK_S)
                told = http.get("/control/load").json()
        except httpx.TransportError as error:
            sys.exit(f"wecom-sandbox: no sandbox at {base}: {type(error).__name__}")
    if not told["ok"]:
        sys.exit(f"wecom-sandbox: {told['error']}")
    for name, value in told.items():
        if name not in ("ok", "done"):
            shown = ", ".join(f"{kind} {count}" for kind, count in value.items()) if isinstance(value, dict) else value
            sys.stdout.write(f"{name:22}{shown}\n")
    sys.exit(1 if told["lost"] else 0)
