"""The accounts of a corp: who signs in, as what, and how far they reach."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.access import api as access
from linli.access.api import AccountInfo
from linli.console.access.forms import NewForm, PersonForm, RoleForm, role_initial
from linli.console.door import PageRequest
from linli.directory import api as directory
from linli.kit.errors import LinliError, NotFound


@require_GET
def index(request: PageRequest) -> HttpResponse:
    """The list."""
    corp_id = request.corp.id
    reaches = _Reaches(corp_id)
    found = access.accounts(corp_id=corp_id)
    rows = [{"one": one, "role": access.NAMES.get(one.role, "–"), "reach": reaches(one)} for one in found]
    context = {
        "rows": rows,
        "active": sum(one.active for one in found),
        "bare": sum(one.active and one.role == "administrator" and one.second_step_since is None for one in found),
    }
    return render(request, "access/index.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A new account; the answer is the only place where its first password stands."""
    corp_id = request.corp.id
    given = request.POST if request.method == "POST" else None
    form = NewForm(given, corp_id=corp_id)
    staff = form.staff.get(request.POST.get("userid", "").strip())
    initial = {"role": "keeper", "kind": "shop"}
    role_form = RoleForm(given, corp_id=corp_id, staff_id=staff.id if staff else None, initial=initial)
    if given is not None and form.is_valid() and role_form.is_valid():
        values, wanted = form.cleaned_data, role_form.cleaned_data
        try:
            account_id, password = access.invite(
                corp_id=corp_id, username=values["username"], name=values["name"], userid=values["userid"],
                role=wanted["role"], scope=wanted["scope"],
            )  # fmt: skip
        except LinliError as error:
            form.add_error("username", str(error))
        else:
            return _detail(request, account_id, password=password)
    context = {"form": form, "role_form": role_form, "duties": _duties()}
    return render(request, "access/new.html", context, status=422 if given is not None else 200)


@require_GET
def detail(request: PageRequest, account_id: int) -> HttpResponse:
    """One account."""
    return _detail(request, account_id)


@require_POST
def person(request: PageRequest, account_id: int) -> HttpResponse:
    """Whose account it is."""
    form = PersonForm(request.POST, corp_id=request.corp.id)
    if not form.is_valid():
        return _detail(request, account_id, person_form=form)
    values = form.cleaned_data
    return _act(
        request, account_id,
        lambda: access.bind(corp_id=request.corp.id, account_id=account_id, userid=values["userid"], name=values["name"]),
        _("Kept."),
    )  # fmt: skip


@require_POST
def role(request: PageRequest, account_id: int) -> HttpResponse:
    """What they may do, and how far."""
    info = access.account(corp_id=request.corp.id, account_id=account_id)
    form = RoleForm(request.POST, corp_id=request.corp.id, staff_id=_staff_id(request, info))
    if not form.is_valid():
        return _detail(request, account_id, role_form=form)
    values = form.cleaned_data
    return _act(
        request, account_id,
        lambda: access.regrant(
            corp_id=request.corp.id, account_id=account_id, role=values["role"], scope=values["scope"]
        ),
        _("From now on it is so; they have been signed out and sign in anew."),
    )  # fmt: skip


@require_POST
def closure(request: PageRequest, account_id: int) -> HttpResponse:
    """Shut the account, or open it again with `open`."""
    opening = bool(request.POST.get("open"))
    act = access.enable if opening else access.disable
    said = _("They may sign in again.") if opening else _("Shut. Wherever they were signed in, they are out.")
    return _act(request, account_id, lambda: act(corp_id=request.corp.id, account_id=account_id), said)


@never_cache
@require_POST
def password(request: PageRequest, account_id: int) -> HttpResponse:
    """A new first password, shown once."""
    made = access.reset_password(corp_id=request.corp.id, account_id=account_id)
    return _detail(request, account_id, password=made)


@require_POST
def second_step(request: PageRequest, account_id: int) -> HttpResponse:
    """The authenticator is lost."""
    return _act(
        request, account_id,
        lambda: access.reset_second_step(corp_id=request.corp.id, account_id=account_id),
        _("The second step is off until they set it up again."),
    )  # fmt: skip


def _detail(request: PageRequest, account_id: int, **more: Any) -> HttpResponse:
    corp_id = request.corp.id
    info = access.account(corp_id=corp_id, account_id=account_id)
    context = {
        "one": info,
        "role_name": access.NAMES.get(info.role, "–"),
        "reach": _Reaches(corp_id)(info),
        "person_form": PersonForm(corp_id=corp_id, initial={"name": info.name, "userid": info.userid or ""}),
        "role_form": RoleForm(corp_id=corp_id, initial=role_initial(info)),
        "duties": _duties(),
        "own": info.id == request.account.pk,
        "sessions": len(access.sessions(account_id=account_id, current=None)),
    }
    status = 422 if {"person_form", "role_form"} & set(more) else 200
    return render(request, "access/detail.html", context | more, status=status)


def _act(request: PageRequest, account_id: int, act: Callable[[], None], said: str) -> HttpResponse:
    try:
        act()
    except NotFound:
        raise
    except LinliError as error:
        messages.warning(request, str(error))
    else:
        messages.info(request, said)
    return redirect("access:detail", account_id)


def _staff_id(request: PageRequest, info: AccountInfo) -> int | None:
    found = {one.userid: one.id for one in directory.staff(corp_id=request.corp.id)}
    return found.get(info.userid or "")


def _duties() -> list[tuple[object, object]]:
    return [(name, access.DUTIES[role_]) for role_, name in access.NAMES.items()]


class _Reaches:
    """What a scope is called: "the whole corp", one shop's name, "3 shops" …"""

    def __init__(self, corp_id: int) -> None:
        self.shops = {one.id: one.name for one in directory.shops(corp_id=corp_id)}
        self.departments = {one.wecom_id: one.name for one in directory.departments(corp_id=corp_id)}

    def __call__(self, info: AccountInfo) -> str:
        if info.scope.whole:
            return _("the whole corp")
        shops, departments = info.scope.ids("shop"), info.scope.ids("department")
        said = []
        if departments:
            said.append(
                _named(
                    departments, self.departments, ngettext("%(n)d department", "%(n)d departments", len(departments))
                )
            )
        if shops:
            said.append(_named(shops, self.shops, ngettext("%(n)d shop", "%(n)d shops", len(shops))))
        if info.scope.ids("own"):
            said.append(_("their own customers"))
        return " · ".join(said) or "–"


def _named(ids: frozenset[int], names: dict[int, str], many: str) -> str:
    return names.get(next(iter(ids)), "–") if len(ids) == 1 else many % {"n": len(ids)}
