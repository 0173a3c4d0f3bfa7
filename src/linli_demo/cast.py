"""The chain: headquarters, 60 shops by city, two clerks a shop; seeded into the sandbox as an administrator's corp."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from linli_demo.people import clerk_name

START, TODAY = date(2010, 12, 1), date(2011, 12, 11)
CORP_ID, CORP_NAME = "ww5d1ca5e0linlidemo", "邻里杂货"
AGENT_ID, APP_SECRET = 1000002, "demo-app-secret-which-opens-only-the-sandbox"
SHOPS_DEPARTMENT = 10
CLERKS_A_SHOP = 2


def shops() -> list[dict[str, Any]]:
    """The 60 shops of data/shops.json: code, name, city, district, lat, lng (Baidu coordinates)."""
    path = Path(__file__).resolve().parents[2] / "data" / "shops.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["shops"]
    return found


def department_id(shop: int) -> int:
    """The department of the shop with this number (from 0)."""
    return 100 + shop


def clerk_id(shop: int, clerk: int) -> str:
    """A clerk's userid: the first of a shop is its keeper."""
    return f"shop{shop + 1:02d}-{'keeper' if clerk == 0 else f'clerk{clerk}'}"


def corp() -> dict[str, Any]:
    """The body of the sandbox's /control/seed."""
    places = shops()
    departments = [
        {"id": 1, "name": CORP_NAME, "parentid": 0, "order": 100},
        {"id": 2, "name": "总部", "parentid": 1, "order": 90},
        {"id": SHOPS_DEPARTMENT, "name": "门店", "parentid": 1, "order": 80},
        *(
            {"id": department_id(n), "name": place["name"], "parentid": SHOPS_DEPARTMENT, "order": 1000 - n}
            for n, place in enumerate(places)
        ),
    ]
    users = [
        {"userid": "zhou", "name": "周岚", "department": [2], "position": "私域运营"},
        *(
            {
                "userid": clerk_id(n, c), "name": clerk_name(n * 10 + c), "department": [department_id(n)],
                "position": "店长" if c == 0 else "导购",
            }
            for n in range(len(places))
            for c in range(CLERKS_A_SHOP)
        ),
    ]  # fmt: skip
    return {
        "corp_id": CORP_ID,
        "corp_name": CORP_NAME,
        "apps": [{"agentid": AGENT_ID, "name": "邻里", "secret": APP_SECRET}],
        "departments": departments,
        "users": users,
    }
