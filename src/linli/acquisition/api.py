"""The door of acquisition: live codes, welcomes, landing pages, the nearest shop."""

from collections.abc import Collection
from datetime import datetime

from linli.acquisition import codes as making
from linli.acquisition import operations, queries
from linli.acquisition.codes import KIND as CODES_RUN
from linli.acquisition.codes import carry_out, ensure_shop_codes
from linli.acquisition.geo import System
from linli.acquisition.info import CodeInfo, code_infos
from linli.acquisition.jobs import start_shop_codes
from linli.acquisition.models import AcquisitionRule, LiveCode, Visit
from linli.acquisition.nearest import Offer, Passed, Why, forget_readiness, nearest_shop, shop_or_next
from linli.acquisition.pictures import draw_png, is_picture, safe_picture_url
from linli.acquisition.queries import ShopRow, VisitFigures
from linli.acquisition.reconciling import reconcile
from linli.acquisition.visits import LandingInfo, NewVisit, ensure_landing, landing_by_key, record_visits
from linli.acquisition.welcomes import (
    WelcomeContent,
    forget_welcomes,
    group_page,
    retire_welcome,
    save_welcome,
    welcome_for,
)
from linli.directory import api as directory
from linli.kit.errors import BadInput, NotFound

__all__ = [
    "CODES_RUN", "CodeInfo", "LandingInfo", "NewVisit", "Offer", "Passed", "ShopRow", "VisitFigures",
    "WelcomeContent", "Why", "close_code", "code_by_key", "codes", "describe_code", "draw_png", "ensure_landing",
    "ensure_shop_codes", "finish_code", "forget", "group_page", "is_picture", "landing_by_key", "make_channel_code",
    "nearest_shop", "pause_code", "reconcile", "record_visits", "repoint", "retire_welcome", "safe_picture_url", "save_welcome",
    "set_rule", "set_shop_open", "shop_code", "shop_or_next", "shop_rows", "start_shop_codes", "visit_figures",
    "welcome_for",
]  # fmt: skip


make_channel_code = making.make_channel_code


def codes(*, corp_id: int, states: Collection[str] | None = None) -> list[CodeInfo]:
    """Live codes, those with these states or all: a state's channel name for other rooms' pages."""
    return queries.codes(corp_id, states=states)


def shop_code(*, corp_id: int, shop_id: int) -> CodeInfo | None:
    """The code of a shop, None before it was asked for."""
    row = queries.shop_code(corp_id, shop_id)
    return code_infos([row])[0] if row else None


def code_by_key(*, key: str) -> tuple[int, CodeInfo] | None:
    """(corp id, code) by the key in customers' addresses."""
    row = LiveCode.objects.filter(key=key).first()
    return (row.corp_id, code_infos([row])[0]) if row else None


def shop_rows(*, corp_id: int) -> list[ShopRow]:
    """Every shop with its code, group code, groups, people won, visits: one line each."""
    return queries.shop_rows(corp_id)


def visit_figures(
    *, corp_id: int, shop_id: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> VisitFigures:
    """Looks at landing pages, with how many of them were simulated."""
    return queries.visit_figures(corp_id, shop_id=shop_id, since=since, until=until)


def finish_code(*, corp_id: int, code_id: int) -> CodeInfo:
    """Make a wanted code at WeCom, or tell WeCom its clerks where that failed before; raises what WeCom refuses."""
    row = queries.code(corp_id, code_id)
    if row is None:
        raise NotFound("no_code", f"code {code_id} is not there")
    carry_out(row)
    forget()
    return code_infos([row])[0]


def repoint(*, corp_id: int, code_id: int, staff_ids: Collection[int], by: str = "") -> CodeInfo:
    """Point a code at other clerks (update_contact_way); the printed picture stays."""
    try:
        return making.repoint(corp_id=corp_id, code_id=code_id, staff_ids=sorted(set(staff_ids)), by=by)
    finally:
        forget()


def pause_code(*, corp_id: int, code_id: int, paused: bool, by: str = "") -> None:
    """Lead nobody to a code any more, or again; printed pictures of it go on working."""
    operations.set_paused(corp_id=corp_id, code_id=code_id, paused=paused, by=by)
    forget()


def close_code(*, corp_id: int, code_id: int, by: str = "") -> None:
    """Close a code for good and delete its contact way."""
    making.close_code(corp_id=corp_id, code_id=code_id, by=by)
    forget()


def describe_code(
    *, corp_id: int, code_id: int, name: str, reason_to_add: str = "", cost_fen: int | None = None,
    welcome_id: int | None = None, by: str = "",
) -> None:  # fmt: skip
    """Change a code's name, reason to add, cost and welcome."""
    operations.describe_code(
        corp_id=corp_id, code_id=code_id, name=name, reason_to_add=reason_to_add, cost_fen=cost_fen,
        welcome_id=welcome_id, by=by,
    )  # fmt: skip
    forget()


def set_shop_open(*, corp_id: int, shop_id: int, is_open: bool) -> None:
    """Open or close a shop: customers are led to it, or to the next one, from now on."""
    directory.set_open(corp_id=corp_id, shop_id=shop_id, is_open=is_open)
    forget()


def set_rule(*, corp_id: int, staff_cap: int | None = None, shop_places: str | None = None) -> None:
    """How many customers a clerk may have; in which coordinates the shops' places are ("bd09", "gcj02", "wgs84")."""
    row = AcquisitionRule.objects.filter(corp_id=corp_id).first() or AcquisitionRule(corp_id=corp_id)
    if staff_cap is not None:
        if staff_cap < 1:
            raise BadInput("bad_cap", "a clerk has room for one customer at least")
        row.staff_cap = staff_cap
    if shop_places is not None:
        row.shop_places = System(shop_places).value
    row.save()
    forget()


def forget() -> None:
    """Something was changed here: this process reads shops, codes and welcomes anew (others within 10 s)."""
    forget_readiness()
    forget_welcomes()


def visited(*, corp_id: int, at: datetime) -> bool:
    """Were simulated visits of this very moment kept already?"""
    return Visit.objects.filter(corp_id=corp_id, at=at, simulated=True).exists()
