"""The pictures of codes that customers press long on."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.acquisition import api as acquisition
from linli.acquisition.api import CodeInfo
from linli.groups import api as groups
from linli.groups.api import JoinWayInfo


def code_src(code: CodeInfo) -> str:
    """Where an <img> finds a code's picture: at WeCom's, or drawn by us."""
    if acquisition.is_picture(code.qr_code):
        return acquisition.safe_picture_url(code.qr_code)
    return reverse("h5:code_picture", args=[code.key])


def group_src(key: str, way: JoinWayInfo) -> str:
    """The same for a shop's group code, by the key of the shop's own code."""
    if acquisition.is_picture(way.qr_code):
        return acquisition.safe_picture_url(way.qr_code)
    return reverse("h5:group_picture", args=[key])


@require_safe
def code_picture(_request: HttpRequest, key: str) -> HttpResponse:
    """The QR of a live code, as PNG."""
    found = acquisition.code_by_key(key=key)
    return _answer(found[1].qr_code if found and not found[1].closed else "")


@require_safe
def group_picture(_request: HttpRequest, key: str) -> HttpResponse:
    """The QR of a shop's group code, as PNG."""
    found = acquisition.code_by_key(key=key)
    shop_id = found[1].shop_id if found else None
    way = groups.join_way_for(corp_id=found[0], shop_id=shop_id) if found and shop_id is not None else None
    return _answer(way.qr_code if way else "")


def _answer(url: str) -> HttpResponse:
    if not url:
        raise Http404
    if acquisition.is_picture(url):
        return HttpResponseRedirect(acquisition.safe_picture_url(url))
    response = HttpResponse(acquisition.draw_png(url), content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=600"
    return response
