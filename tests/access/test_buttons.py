"""No page offers what it then refuses: every form and button of every page, for every role, against the table."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from linli.console.door import wanted
from tests.access.table import HOUSE, MAY, OPEN, PAGES, WHOLE
from tests.access.test_table import address, body_of, named_pages, signed_in, towns  # noqa: F401 - the fixture
from tests.access.world import ROLES

SENDS = ("hx-post", "hx-put", "hx-patch", "hx-delete")


class Buttons(HTMLParser):
    """Where a page can send a POST to."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.targets = here, set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self.targets.add(urljoin(self.here, given.get("action") or ""))
        found = [given[name] for name in (*SENDS, "formaction") if given.get(name)]
        self.targets |= {urljoin(self.here, one) for one in found if one}


def targets(here: str, page: Any) -> Iterator[str]:
    """The routes by their names."""
    parser = Buttons(here)
    parser.feed(body_of(page))
    for one in sorted(parser.targets):
        try:
            yield resolve(urlsplit(one).path).view_name
        except Resolver404:
            yield f"nowhere: {one}"


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_a_button_that_answers_403(towns, role):  # noqa: F811
    own, _other = towns
    client, wrong, seen = signed_in(own, role), set(), 0
    for name, pattern in named_pages():
        here = address(name, pattern, own)
        page = client.get(here)
        if page.status_code != 200 or "html" not in page.headers.get("Content-Type", ""):
            continue
        for target in targets(here, page):
            seen += 1
            permission, narrows = PAGES.get(target, ("", False))
            may = target in OPEN or (
                permission and wanted(permission, "POST") in MAY[role] - HOUSE and (narrows or role in WHOLE)
            )
            if not may:
                wrong.add((name, target))
    assert wrong == set()
    assert seen > 5, "the walk saw hardly any button: it proves nothing"
