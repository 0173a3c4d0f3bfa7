"""Figures as the templates show them: a label, a value, what is usual, and how it was reached."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from linli.console.insights import builders
from linli.console.insights.tables import Column
from linli.console.insights.words import (
    EFFECTS,
    MEASURES,
    METRICS,
    RFM,
    SPENT_VERDICTS,
    USUAL,
    VERDICT_TONES,
    VERDICTS,
)
from linli.console.templatetags.linli import num, percent, signed
from linli.insights.queries.daily import Band, Series
from linli.insights.queries.experiments import Comparison
from linli.insights.queries.joining import Matched, Paired
from linli.insights.queries.purchases import Repurchase
from linli.insights.queries.rfm import Grid
from linli.insights.queries.visitors import ShopConversion
from linli.messaging.api import Funnel

Shown = dict[str, Any]
_KINDS = {"spend": "money", "refunded": "money", "known_share": "share", "net_joins": "signed"}
_CARDS = ("added", "net_joins", "orders", "payers", "spend", "known_share")


def daily(series: Series) -> list[Shown]:
    """The newest day's figures, each beside what is usual for it."""
    keys = builders.daily_keys(series)
    return [day_figure(series, metric) for metric in _CARDS if metric in keys]


def day_figure(series: Series, metric: str) -> Shown:
    """One metric of the newest day; `trend` only when it is outside its band."""
    label, formula = METRICS[metric]
    value, band = getattr(series.last, metric), series.band(metric)
    kind = _KINDS.get(metric, "whole")
    money = kind == "money"
    return {
        "label": str(label),
        "value": num(value) if money else Column("", kind).show(value),
        "unit": series.ground.currency if money else "",
        "usual": _usual(band, kind),
        "trend": _trend(value, band),
        "delta": {"up": _("above usual"), "down": _("below usual"), "": ""}[_trend(value, band)],
        "formula": f"{formula} {USUAL}",
    }


def repurchase(window: Repurchase, before: Repurchase) -> list[Shown]:
    """The window's figures beside those of the window before it."""
    money = Column("", "money")
    rate = window.interval
    pairs = [
        (
            _("Repurchase rate"), percent(window.rate), percent(before.rate),
            _("Customers with 2 orders or more ÷ customers with 1 or more: %(again)s ÷ %(buyers)s. 95%% interval %(low)s to %(high)s.")
            % {"again": num(window.again), "buyers": num(window.buyers), "low": percent(rate.low), "high": percent(rate.high)},
        ),
        (
            _("Spend per order"), money.show(window.per_order), money.show(before.per_order),
            _("%(spend)s ÷ %(orders)s orders, refunds not taken off.")
            % {"spend": num(window.spend, 2), "orders": num(window.priced)},
        ),
        (
            _("Orders per customer and month"), num(window.per_month, 2), num(before.per_month, 2),
            _("%(orders)s orders ÷ %(buyers)s customers who bought ÷ months of the window.")
            % {"orders": num(window.orders), "buyers": num(window.buyers)},
        ),
        (
            _("Orders per active month"), num(window.per_active_month, 2), num(before.per_active_month, 2),
            _("Orders ÷ pairs of a customer and a calendar month with an order."),
        ),
    ]  # fmt: skip
    return [
        {"label": label, "value": value, "usual": _("before: %(value)s") % {"value": earlier}, "formula": formula}
        for label, value, earlier, formula in pairs
    ]


def heat_rows(grid: Grid, *, links: bool = True) -> list[Shown]:
    """The grid's rows, R 5 first, each cell with its words and its link."""
    return [
        {
            "r": row[0].r,
            "cells": [
                {
                    "cell": cell,
                    "label": RFM[cell.segment][0],
                    "href": builders.segment_link(cell.segment, grid.method) if links else "",
                }
                for cell in row
            ],
        }
        for row in grid.rows
    ]


def visitor_funnel(whole: ShopConversion) -> list[Shown]:
    """Visits, scans, joins as steps."""
    visits = _("%(real)s real, %(simulated)s simulated") % {
        "real": num(whole.visits), "simulated": num(whole.simulated)
    }  # fmt: skip
    steps = [
        {"label": _("Scanned and added"), "value": whole.scans},
        {"label": _("Of them in a group"), "value": whole.joins, "loss": _lost(whole.scans - whole.joins)},
    ]
    if whole.scan_rate is None:
        return steps
    steps[0]["loss"] = _lost(whole.looked - whole.scans)
    return [{"label": _("Visitors"), "value": whole.looked, "note": visits}, *steps]


def paired_formulas(found: Paired) -> list[tuple[str, str]]:
    """What each line of before-and-after means."""
    return [(str(MEASURES[side.measure][0]), str(MEASURES[side.measure][1])) for side in found.sides]


def matched_formulas(found: Matched) -> list[tuple[str, str]]:
    """What each line of members-against-others means."""
    return [(str(EFFECTS[effect.measure][0]), str(EFFECTS[effect.measure][1])) for effect in found.effects]


def send_card(one: Comparison, funnel: Funnel, currency: str) -> Shown:
    """One send: its funnel, its two sides, its verdict."""
    return {
        "one": one,
        "funnel": send_funnel(funnel),
        "arms": builders.send_arms(one),
        "bought": builders.spread_words(one.bought, "share"),
        "spent": builders.spread_words(one.spent, "money"),
        "currency": currency,
        "verdicts": _verdicts(one),
        "two_verdicts": one.over and one.bought is not None,
        "crooked": one.ratio_p < 0.001,
    }


def _verdicts(one: Comparison) -> list[Shown]:
    found = [{"words": VERDICTS[one.verdict], "tone": VERDICT_TONES[one.verdict]}]
    if one.verdict not in {"none", "early"}:
        found.append({"words": SPENT_VERDICTS[one.spent_verdict], "tone": VERDICT_TONES[one.spent_verdict]})
    return found


def send_funnel(funnel: Funnel) -> list[Shown]:
    """A send's waterfall, each loss named."""
    excluded, cancelled = sum(funnel.excluded.values()), sum(funnel.cancelled.values())
    stopped = funnel.waiting + sum(funnel.failed.values()) + funnel.unknown + funnel.dropped
    unsent = funnel.over_limit + funnel.not_friend + funnel.pending + funnel.no_result
    return [
        {"label": _("In the segment"), "value": funnel.planned},
        {
            "label": _("To be sent"), "value": funnel.to_send,
            "loss": _losses((_("left out"), excluded), (_("held out"), funnel.holdout)),
        },
        {"label": _("In clerks' tasks"), "value": funnel.tasked, "loss": _losses((_("no task"), stopped))},
        {
            "label": _("Confirmed"), "value": funnel.confirmed,
            "loss": _losses((_("not confirmed"), funnel.unconfirmed), (_("cancelled"), cancelled)),
        },
        {
            "label": _("Arrived"), "value": funnel.sent,
            "loss": _losses(
                (_("over WeCom's limit"), funnel.over_limit), (_("no friend any more"), funnel.not_friend),
                (_("no result yet"), unsent - funnel.over_limit - funnel.not_friend),
            ),
        },
    ]  # fmt: skip


def _losses(*parts: tuple[str, int]) -> str:
    return " · ".join(f"−{num(n)} {label}" for label, n in parts if n)  # noqa: RUF001 - the sign people read


def _lost(n: int) -> str:
    return f"−{num(n)}" if n else ""  # noqa: RUF001 - the sign people read


def _usual(band: Band | None, kind: str) -> str:
    if band is None:
        return _("no usual range yet")
    if kind == "share":
        return _("usual %(low)s–%(high)s") % {"low": percent(band.low), "high": percent(band.high)}
    low, high = round(band.low), round(band.high)
    if kind == "signed":
        return _("usual %(low)s to %(high)s") % {"low": signed(low), "high": signed(high)}
    return _("usual %(low)s–%(high)s") % {"low": num(low), "high": num(high)}


def _trend(value: float | Decimal | None, band: Band | None) -> str:
    if value is None or band is None or band.low <= float(value) <= band.high:
        return ""
    return "up" if float(value) > band.high else "down"
