"""A WeCom that knows every customer and every group and answers at once: so a storm measures Linli, not the sandbox."""

import json
import time
from urllib.parse import parse_qs

_OK = {"errcode": 0, "errmsg": "ok"}


def _customer(external: str) -> dict:
    contact = {
        "external_userid": external,
        "name": f"客{external[-6:]}",
        "type": 1,
        "avatar": "",
        "gender": 0,
        "unionid": f"o{external}",
    }
    # A number in the id tells when the customer was added, as the event does.
    added = int(external.split("_")[1])
    follow = {
        "userid": "zhou",
        "remark": "",
        "description": "",
        "createtime": added,
        "tags": [],
        "add_way": 1,
        "oper_userid": "zhou",
        "state": "storm",
    }
    return {"external_contact": contact, "follow_user": [follow]}


def _group(chat_id: str) -> dict:
    members = [{"userid": "zhou", "type": 1, "join_time": 1, "join_scene": 1, "name": ""}]
    return {"group_chat": {
        "chat_id": chat_id, "name": f"邻里群 {time.time()}",  # what an event says changed shows
        "owner": "zhou", "create_time": 1, "notice": "", "member_list": members, "admin_list": [],
        "member_version": str(int(time.time())),
    }}  # fmt: skip


def _answer(api: str, query: dict[str, list[str]], body: dict) -> dict:
    match api:
        case "gettoken":
            return {"access_token": "storm", "expires_in": 7200}
        case "externalcontact/get":
            return _customer(query["external_userid"][0])
        case "externalcontact/groupchat/get":
            return _group(body["chat_id"])
        case "externalcontact/get_corp_tag_list":
            return {"tag_group": []}
        case "department/list":
            return {"department": [{"id": 1, "name": "总部", "parentid": 0, "order": 1}]}
        case "user/list":
            return {"userlist": [{"userid": "zhou", "name": "周", "department": [1], "status": 1, "position": ""}]}
        case _:
            return {}


async def application(scope, receive, send) -> None:
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    api = scope["path"].removeprefix("/cgi-bin/")
    found = _answer(api, parse_qs(scope["query_string"].decode()), json.loads(body or b"{}"))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(_OK | found).encode()})
