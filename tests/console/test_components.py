"""The console's parts: each is documented, its example renders, and no page carries what the content policy refuses."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils.translation import override
from django.utils.translation.template import templatize
from django_cotton.compiler_regex import CottonCompiler

from linli.console import shell
from linli.console.templatetags import linli as tags

SOURCE = Path(__file__).resolve().parents[2] / "src" / "linli"
DOCS = (SOURCE.parents[1] / "docs" / "components.md").read_text(encoding="utf-8")
COMPONENTS = sorted(f"c-{path.stem.replace('_', '-')}" for path in (SOURCE / "console/templates/cotton").glob("*.html"))
PAGES = sorted([*(SOURCE / "console/templates").rglob("*.html"), *(SOURCE / "h5/templates").rglob("*.html")])
EXAMPLES = re.findall(r"^### ([^\n]+)\n```html\n(.*?)```", DOCS, re.DOTALL | re.MULTILINE)
ROWS = [{"label": "符合条件", "value": 569}, {"label": "会收到", "value": 434, "loss": "留作对照 135"}]


def render(source: str, query: str = "", **context: object) -> str:
    request = RequestFactory().get(f"/{query}")
    with override("zh-hans"):
        compiled = CottonCompiler().process("{% load i18n linli %}" + source)
        return engines["django"].from_string(compiled).render(context, request)


@pytest.mark.parametrize(("heading", "example"), EXAMPLES, ids=[heading for heading, _ in EXAMPLES])
def test_every_example_of_the_reference_renders(heading, example):
    nav = shell.links(shell.NAV, active="today", badges={"today": 7})
    page = Paginator(range(120), 50).page(2)
    tabs = [{"label": "全部", "href": "?", "active": True, "count": 0}]
    option = {"series": [{"type": "bar", "data": [1, 2]}]}
    out = render(example, rows=ROWS, page=page, tabs=tabs, option=option, nav=nav)
    assert not re.search(r"<c-|</c-|\{\{|\{%", out), out
    for name in re.findall(r"c-[a-z-]+", heading):
        assert f"<{name}" in example


def test_the_reference_names_every_component_and_no_other():
    assert set(re.findall(r"<(c-[a-z-]+)", "".join(example for _, example in EXAMPLES))) - {"c-slot"} == set(COMPONENTS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_carries_inline_scripts_or_styles(path):
    text = path.read_text(encoding="utf-8")
    refused = r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*(?:\ssrc=|application/json))"
    assert not re.findall(refused, text)


def test_every_word_of_every_page_is_translated():
    known = {
        entry.msgid
        for catalogue in (SOURCE / "locale").glob("*/zh_Hans/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(catalogue)).translated_entries()
    }
    call = re.compile(r"""(?<![a-z])(?:gettext|_)\(u?(('|")(?:\\.|(?!\2).)*\2)""", re.DOTALL)
    asked = {
        (path.relative_to(SOURCE).as_posix(), ast.literal_eval(match.group(1)))
        for path in PAGES
        for match in call.finditer(templatize(path.read_text(encoding="utf-8")))
    }
    assert ("console/templates/cotton/pager.html", "Previous") in asked
    assert not sorted(word for word in asked if word[1] not in known)


def test_every_icon_that_a_page_names_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (SOURCE / "console/static/icons.svg").read_text(encoding="utf-8")))
    named = {item.icon for item in shell.NAV}
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""\{% icon ["']([a-z0-9-]+)["']""", text))
        named |= set(re.findall(r'<c-[a-z-]+[^>]*?\sicon="([a-z0-9-]+)"', text))
        named |= set(re.findall(r'<c-icon\s[^>]*?name="([a-z0-9-]+)"', text))
    assert named - drawn == set()


def test_a_name_in_an_attribute_is_escaped_once():
    for source in ('<c-card title="{{ name }}" />', '<c-card :title="name" />'):
        out = render(source, name="<b>张&李</b>")
        assert "&lt;b&gt;张&amp;李&lt;/b&gt;" in out
        assert "<b>" not in out


def test_a_component_sees_nothing_of_the_page_but_its_attributes():
    assert "secret" not in render("<c-card>x</c-card>", title="secret", hint="secret")


def test_an_empty_table_shows_its_next_step_and_a_full_one_does_not():
    table = '<c-table label="订单">{% for n in rows %}<tr><td>{{ n }}</td></tr>{% endfor %}<c-slot name="empty">去导入</c-slot></c-table>'
    assert "去导入" in render(table, rows=[])
    assert "<table" not in render(table, rows=[])
    assert "去导入" not in render(table, rows=[1])


def test_a_sort_link_turns_round_and_keeps_the_filters_but_not_the_page():
    head = '<c-th label="金额" sort="amount" num />'
    first = render(head, "?shop=7&page=3")
    assert 'href="?shop=7&amp;sort=-amount"' in first
    assert "aria-sort" not in first
    turned = render(head, "?shop=7&sort=-amount")
    assert 'href="?shop=7&amp;sort=amount"' in turned
    assert 'aria-sort="descending"' in turned


def test_a_pager_keeps_the_filters():
    out = render('<c-pager :page="page" unit="位客户" />', "?shop=7&page=2", page=Paginator(range(120), 50).page(2))
    assert "51–100，共 120" in out
    assert 'rel="prev" href="?shop=7&amp;page=1"' in out
    assert 'rel="next" href="?shop=7&amp;page=3"' in out


def test_a_form_field_shows_its_error_beside_its_label():
    class Draft(forms.Form):
        title = forms.CharField(label="名称", help_text="只有同事看得到")

    out = render('<c-field :field="form.title" />', form=Draft({"title": ""}))
    assert 'for="id_title"' in out
    assert "只有同事看得到" in out
    assert 'class="field-error"' in out


def test_a_waterfall_draws_each_row_in_its_share_of_the_largest():
    out = render('<c-waterfall :rows="rows" />', rows=ROWS)
    assert 'width="100.00%"' in out
    assert 'width="76.27%"' in out
    assert "留作对照 135" in out


def test_progress_asks_again_only_while_it_has_an_address():
    assert 'hx-trigger="load delay:2s"' in render('<c-progress label="同步" done="1" total="3" url="/runs/1" />')
    assert "hx-" not in render('<c-progress label="同步" done="3" total="3" />')


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html", "console/sign_in.html"])
def test_pages_before_the_shell_render_without_any_context(name):
    with override("zh-hans"):
        assert "<h1>" in engines["django"].get_template(name).render({})


def test_every_section_of_the_navigation_has_a_page():
    found = {link.item.key for link in shell.links(shell.NAV, active="", badges={})}
    assert found == {item.key for item in shell.NAV}


def test_figures_say_when_they_are_not_known():
    assert (tags.num(None), tags.signed(None), tags.percent(None)) == ("–", "–", "–")
    assert (tags.num(1942), tags.num(1204.5, 2)) == ("1,942", "1,204.50")
    assert (tags.signed(61), tags.signed(-23), tags.signed(0)) == ("+61", "\N{MINUS SIGN}23", "0")
    assert (tags.percent(0.316), tags.share(1, 3), tags.share(5, 0)) == ("31.6%", "33.33%", "0%")
    assert (tags.heat(0, 9), tags.heat(0.001, 9), tags.heat(12, 9)) == ("heat-0", "heat-1", "heat-9")
