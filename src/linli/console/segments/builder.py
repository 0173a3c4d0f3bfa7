"""The live part of a segment's page: chips, sentence, exact count and waterfall after every change.

The definition travels in a hidden field, so that nothing is kept on the server before it is saved.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.console.segments import editing
from linli.console.segments.forms import FORMS, ConditionForm, initial
from linli.console.templatetags.linli import signed
from linli.kit.errors import LinliError
from linli.segments import describe, queries
from linli.segments.definition import And, Definition, Not, Or, parse, to_json
from linli.segments.errors import BadDefinition
from linli.segments.names import Names, names_for

ACTIONS = {"remove": editing.remove, "negate": editing.negate, "flip": editing.flip, "wrap": editing.wrap}


@dataclass(kw_only=True)
class Node:
    """A chip, or a group of chips."""

    path: str
    negated: bool
    text: str = ""
    kind: str = ""
    op: str = ""
    parts: list["Node"] = field(default_factory=list)


def read(data: QueryDict) -> editing.Group:
    """The definition that the page holds; BadDefinition when someone tampered with it."""
    try:
        raw = json.loads(data.get("definition") or '{"kind": "and", "all": []}')
    except ValueError:
        raise BadDefinition("definition", _("The page is out of date. Load it again.")) from None
    return editing.rooted(parse(raw))


def act(root: editing.Group, data: QueryDict) -> editing.Group:
    """One click: take out, exclude, turn around, or make a group of its own."""
    change = ACTIONS.get(data.get("action", ""))
    if change is None:
        return root
    try:
        return checked(change(root, data.get("path", "")))
    except LookupError:
        return root


def condition_form(corp_id: int, root: Definition, data: QueryDict) -> ConditionForm | None:
    """The form for a new condition (`kind`), or for the one at `path` with `edit`; None for an unknown kind."""
    if data.get("edit"):
        try:
            leaf = editing.bare(editing.node_at(root, data.get("path", "")))
        except LookupError:
            return None
        if isinstance(leaf, And | Or | Not):
            return None
        form = FORMS.get(leaf.kind)
        return form(corp_id=corp_id, initial=initial(leaf)) if form else None
    form = FORMS.get(data.get("kind", ""))
    return form(corp_id=corp_id) if form else None


def submitted_form(corp_id: int, data: QueryDict) -> ConditionForm | None:
    """The filled-in form of a condition."""
    form = FORMS.get(data.get("kind", ""))
    return form(data, corp_id=corp_id) if form else None


def with_condition(root: editing.Group, form: ConditionForm, data: QueryDict) -> editing.Group:
    """The definition with the form's condition in its place."""
    leaf = form.leaf()
    path = data.get("path", "")
    try:
        if data.get("edit"):
            return checked(editing.put(root, path, leaf))
        return checked(editing.add(root, path, Not(leaf) if data.get("exclude") else leaf))
    except LookupError:
        return root


def checked(root: editing.Group) -> editing.Group:
    """The same, refused when it has grown too deep or too large."""
    return editing.rooted(parse(to_json(root)))


def context(corp_id: int, root: editing.Group, *, base: str) -> dict[str, Any]:
    """All that the builder's template shows; `base` is the URL under which builder/ and condition/ answer."""
    names = names_for(corp_id, root)
    shown: dict[str, Any] = {
        "base": base,
        "definition": json.dumps(to_json(root), ensure_ascii=False),
        "tree": tree(root, "", names),
        "sentence": describe.sentence(root, language=get_language() or "zh-hans", names=names),
    }
    try:
        found = queries.count(corp_id, root)
        shown |= {"count": found, "rows": waterfall(corp_id, root, names)}
    except LinliError as error:
        shown |= {"problem": error.message}
    return shown


def tree(node: Definition, path: str, names: Names) -> Node:
    """The definition as chips."""
    inner, negated = editing.bare(node), isinstance(node, Not)
    if isinstance(inner, And | Or):
        op = "and" if isinstance(inner, And) else "or"
        below = [
            tree(part, f"{path}.{place}" if path else str(place), names)
            for place, part in enumerate(editing.parts(inner))
        ]
        return Node(path=path, negated=negated, op=op, parts=below)
    if isinstance(inner, Not):
        return Node(path=path, negated=negated, text=describe.label(inner, names))
    return Node(path=path, negated=negated, text=describe.phrase(inner, names), kind=inner.kind)


def waterfall(corp_id: int, root: editing.Group, names: Names) -> list[dict[str, Any]]:
    """Everyone, then what is left after each part."""
    rows: list[dict[str, Any]] = []
    before = 0
    for part, left in queries.steps(corp_id, root):
        label = _("All customers") if part is None else describe.label(part, names)
        loss = "" if part is None or left == before else signed(left - before)
        rows.append({"label": label, "value": left, "loss": loss})
        before = left
    return rows
