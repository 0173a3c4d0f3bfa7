"""Sign in, sign out, choose a language."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door. A wrong name and a wrong password answer alike."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    error = ""
    if request.method == "POST":
        account = authenticate(
            request, username=request.POST.get("username", "").strip(), password=request.POST.get("password", "")
        )
        if account is not None:
            login(request, account)
            return redirect(target)
        error = _("Name or password do not fit. Try again.")
    return render(
        request,
        "console/sign_in.html",
        {"error": error, "next": target, "username": request.POST.get("username", "")},
        status=403 if error else 200,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the session ends on the server too."""
    logout(request)
    response = redirect("/sign-in")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
