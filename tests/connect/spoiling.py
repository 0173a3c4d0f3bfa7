"""A proxy between Linli and the sandbox, over real HTTP, that spoils what some call is answered with."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.sandbox.stage import Hosted

MB = 1024 * 1024
# What names rows of an answer, so that a page can be cut short or emptied.
LISTS = (
    "external_contact_list", "follow_user", "external_userid", "group_chat_list", "department", "userlist", "tag_group",
    "member_list", "info", "customer", "behavior_data", "items", "task_list", "send_list", "moment_list", "customer_list",
    "comment_list", "like_list", "contact_way", "link_id_list",
)  # fmt: skip
Spoil = Callable[[dict[str, Any]], Response]


def _json(data: object) -> Response:
    return Response(json.dumps(data), media_type="application/json")


def _changed(change: Callable[[dict[str, Any]], None]) -> Spoil:
    def spoil(data: dict[str, Any]) -> Response:
        change(data)
        return _json(data)

    return spoil


def _rows(data: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    inside = [data, *(one for one in data.values() if isinstance(one, dict))]
    return [(one, name) for one in inside for name in LISTS if isinstance(one.get(name), list)]


def _cut_short(data: dict[str, Any]) -> None:
    for where, name in _rows(data):
        where[name] = where[name][:1]
    data["next_cursor"] = ""


def _emptied(data: dict[str, Any]) -> None:
    for where, name in _rows(data):
        where[name] = []
    data["next_cursor"] = ""


def _refused(data: dict[str, Any]) -> None:
    _emptied(data)
    data |= {"errcode": 40058, "errmsg": "invalid parameter, hint: [1795000000_1_0], from ip: 127.0.0.1"}


def _busy(data: dict[str, Any]) -> None:
    """The work was done; the answer says only that WeCom is busy."""
    _emptied(data)
    data |= {"errcode": -1, "errmsg": "system error, hint: [1795000000_1_0], from ip: 127.0.0.1"}


def _in_a_circle(data: dict[str, Any]) -> None:
    data["next_cursor"] = "again"
    data |= {"is_last": False} if "is_last" in data else {}
    data |= {"total": data["total"] + 1} if "next_offset" in data else {}


def _unknown_field(data: dict[str, Any]) -> None:
    for where, name in _rows(data):
        for row in where[name]:
            if isinstance(row, dict):
                row |= {"brand_new": {"deep": [1]}, "tag_id2": None}
    data["brand_new"] = 1


def _unknown_value(data: dict[str, Any]) -> None:
    strange = {"status": 77, "type": 77, "gender": 77, "add_way": 7777, "join_scene": 77}

    def walk(thing: Any) -> None:
        if isinstance(thing, dict):
            thing |= {name: value for name, value in strange.items() if name in thing}
            for one in thing.values():
                walk(one)
        elif isinstance(thing, list):
            for one in thing:
                walk(one)

    walk(data)


def _of_another_corp(data: dict[str, Any]) -> None:
    """Every id is one that belongs elsewhere."""
    names = {"userid", "chat_id", "external_userid", "config_id", "moment_id", "owner", "handover_userid"}

    def walk(thing: Any) -> Any:
        if isinstance(thing, dict):
            return {
                key: f"zz{value}" if key in names and isinstance(value, str) else walk(value)
                for key, value in thing.items()
            }
        if isinstance(thing, list):
            return [f"zz{one}" if isinstance(one, str) else walk(one) for one in thing]
        return thing

    data |= walk(dict(data))


def _endless(_data: dict[str, Any]) -> Response:
    async def filler():
        yield b'{"errcode":0,"filler":"'
        for _ in range(50):
            yield b"x" * MB
        yield b'"}'

    return StreamingResponse(filler(), media_type="application/json")


def _wrong_type(data: dict[str, Any]) -> None:
    for where, name in _rows(data):
        where[name] = {"rows": 1}


SPOILS: dict[str, Spoil] = {
    "not JSON": lambda _data: Response("<html>Please sign in to the hotel's network</html>", media_type="text/html"),
    "half JSON": lambda data: Response(json.dumps(data)[: len(json.dumps(data)) // 2]),
    "nothing": lambda _data: Response(""),
    "no object": lambda _data: _json([0]),
    "no errcode": _changed(lambda data: data.pop("errcode")),
    "nested without end": lambda _data: Response('{"errcode":' + "[" * 200_000),
    "HTTP 502": lambda _data: Response("<html>Bad Gateway</html>", status_code=502),
    "HTTP 302": lambda _data: Response("", status_code=302, headers={"Location": "https://login.example/"}),
    "empty collections with an error": _changed(_refused),
    "busy (-1)": _changed(_busy),
    "empty collections without one": _changed(_emptied),
    "lists of another type": _changed(_wrong_type),
    "a cursor that repeats": _changed(_in_a_circle),
    "a page that is short": _changed(_cut_short),
    "50 MB": _endless,
    "an unknown field": _changed(_unknown_field),
    "an unknown enumeration value": _changed(_unknown_value),
    "ids from another corp": _changed(_of_another_corp),
}


@dataclass
class Spoiler:
    """Passes every call on to the sandbox, and spoils the answers of `api` in the way `spoil` names."""

    target: str
    api: str = ""
    spoil: str = ""
    spoiled: int = 0
    hosted: Hosted = field(init=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.target, trust_env=False)
        self.hosted = Hosted(Starlette(routes=[Route("/cgi-bin/{api:path}", self._pass, methods=["GET", "POST"])]))

    def stop(self) -> None:
        self.hosted.stop()
        self._http.close()

    async def _pass(self, request: Request) -> Response:
        body = (await request.body()).replace(b'"again"', b'""')  # the sandbox would not know that cursor
        answer = await run_in_threadpool(
            self._http.request, request.method, request.url.path, params=dict(request.query_params), content=body
        )
        if request.path_params["api"] != self.api or not self.spoil:
            return Response(answer.content, status_code=answer.status_code, media_type="application/json")
        self.spoiled += 1
        return SPOILS[self.spoil](answer.json())
