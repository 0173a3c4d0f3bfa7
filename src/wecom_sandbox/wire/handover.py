"""Handing over customers and groups (wire.md C.5)."""

from wecom_sandbox import handing
from wecom_sandbox.errors import TEXTS, WireError
from wecom_sandbox.records import WAITING, Json, Transfer, User
from wecom_sandbox.wire.call import Call, cursor_at

MOST_A_PAGE = 1000


def transfer_customer(call: Call) -> Json:
    """Answer transfer_customer: the call succeeds, each customer has a code of their own."""
    handover, takeover = _pair(call)
    if handing.out_of_date(call.world, call.user("handover_userid")):
        raise WireError(40205)
    words = call.text("transfer_success_msg", longest=call.world.tunables.transfer_words_most)
    return _begin(call, handing.Wish(handover, takeover, resigned=False, words=words))


def transfer_resigned_customer(call: Call) -> Json:
    """Answer resigned/transfer_customer."""
    handover, takeover = _pair(call)
    if handing.out_of_date(call.world, _departed(call, handover)):
        raise WireError(40205)
    return _begin(call, handing.Wish(handover, takeover, resigned=True))


def transfer_result(call: Call) -> Json:
    """Answer transfer_result."""
    handover = call.text("handover_userid", missing=40058)
    if handover not in call.corp.users and handover not in call.corp.departed:
        raise WireError(60111)
    call.need_sight([handover])
    return _results(call, handover, resigned=False)


def transfer_resigned_result(call: Call) -> Json:
    """Answer resigned/transfer_result."""
    handover = call.text("handover_userid", missing=40058)
    _departed(call, handover)
    return _results(call, handover, resigned=True)


def get_unassigned_list(call: Call) -> Json:
    """Answer get_unassigned_list: who left last comes first; what is already on its way is not shown."""
    size = call.integer("page_size", MOST_A_PAGE)
    number = call.integer("page_id", 0)
    if not 1 <= size <= MOST_A_PAGE or number < 0:
        raise WireError(40058)
    corp = call.corp
    moving = {(one.handover, one.external_userid) for one in corp.transfers if one.status == WAITING}
    rows = sorted(
        (-corp.departed[follow.userid].left_at, follow.seq, follow)
        for key, follow in corp.unassigned.items()
        if key not in moving and call.sees(follow.userid)
    )
    left_at, seq = call.cursor("unassigned")
    if left_at:
        rows = [row for row in rows if row[:2] > (-left_at, seq)]
    else:
        # The page's number is the older way of asking.
        rows = rows[number * size :]
    page = rows[:size]
    more = len(rows) > size
    return {
        "info": [
            {"handover_userid": follow.userid, "external_userid": follow.external_userid, "dimission_time": -left}
            for left, _, follow in page
        ],
        "is_last": not more,
        "next_cursor": cursor_at("unassigned", -page[-1][0], page[-1][1]) if more else "",
    }


def transfer_groups(call: Call) -> Json:
    """Answer groupchat/transfer: groups whose owner left."""
    return _transfer_groups(call, resigned=True)


def transfer_groups_on_the_job(call: Call) -> Json:
    """Answer groupchat/onjob_transfer: groups whose owner stays."""
    return _transfer_groups(call, resigned=False)


def _pair(call: Call) -> tuple[str, str]:
    handover = call.text("handover_userid", missing=40058)
    takeover = call.text("takeover_userid", missing=40058)
    if handover == takeover:
        raise WireError(40130)
    _check_taker(call, "takeover_userid")
    return handover, takeover


def _check_taker(call: Call, name: str) -> str:
    taker = call.user(name)
    if taker.banned:
        raise WireError(40143)
    if not taker.verified:
        raise WireError(40098)
    if handing.out_of_date(call.world, taker):
        raise WireError(40205)
    return taker.userid


def _departed(call: Call, userid: str) -> User:
    departed = call.corp.departed.get(userid)
    if departed is None:
        raise WireError(40097 if userid in call.corp.users else 60111)
    call.need_sight([userid])
    return departed


def _begin(call: Call, wish: handing.Wish) -> Json:
    named = call.texts("external_userid", most=call.world.tunables.transfer_ids_most)
    if not named:
        raise WireError(40058)
    return {
        "customer": [
            {"external_userid": one, "errcode": handing.begin(call.world, call.corp, one, wish)} for one in named
        ]
    }


def _results(call: Call, handover: str, *, resigned: bool) -> Json:
    takeover = call.text("takeover_userid", missing=40058)
    # A customer handed over twice between the same two is shown as they are now.
    latest: dict[str, Transfer] = {}
    for one in call.corp.transfers:
        if (one.handover, one.takeover, one.resigned) == (handover, takeover, resigned):
            latest.pop(one.external_userid, None)
            latest[one.external_userid] = one
    place, _ = call.cursor("transfer")
    rows = [one for one in latest.values() if one.seq > place]
    page = rows[:MOST_A_PAGE]
    return {
        "customer": [
            {
                "external_userid": one.external_userid,
                "status": one.status,
                "takeover_time": one.due_at if one.status == WAITING else one.took_at,
            }
            for one in page
        ],
        "next_cursor": cursor_at("transfer", page[-1].seq) if len(rows) > len(page) else "",
    }


def _transfer_groups(call: Call, *, resigned: bool) -> Json:
    chat_ids = call.texts("chat_id_list", most=call.world.tunables.transfer_ids_most)
    if not chat_ids:
        raise WireError(40058)
    wish = handing.Wish("", _check_taker(call, "new_owner"), resigned=resigned)
    failed = []
    for chat_id in chat_ids:
        code = handing.begin_room(call.world, call.corp, chat_id, wish)
        if code:
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": TEXTS[code]})
    return {"failed_chat_list": failed}
