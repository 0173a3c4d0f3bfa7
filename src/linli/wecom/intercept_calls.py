"""Intercept rules (敏感词规则): what staff may not write to customers (wire.md C.10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from linli.wecom.errors import BadValue
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, need, within_characters
from linli.wecom.transport import Lane, Transport

# The kinds of `semantics`.
PHONE, EMAIL, RED_PACKET = 1, 2, 3
# The values of `type`: the staff member is warned, and with the first the message is not sent.
BLOCK, WARN = 1, 2

_NAME = 20
_WORDS = 300
_WORD = 32
_SCOPE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom a rule is for: staff and departments, up to 1000 of each in one call, 10,000 people in a rule."""

    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInterceptRule:
    """A rule to be made: name 1 to 20 characters, 1 to 300 words of 1 to 32 characters, `type` BLOCK or WARN."""

    name: str
    words: tuple[str, ...]
    type: int
    scope: Scope
    semantics: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InterceptRuleChange:
    """What is to change in a rule; None leaves it. Words and semantics replace, the scope grows and shrinks."""

    name: str | None = None
    words: tuple[str, ...] | None = None
    type: int | None = None
    semantics: tuple[int, ...] | None = None
    add: Scope | None = None
    remove: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterceptRule:
    """A rule as WeCom has it."""

    rule_id: str
    name: str
    words: tuple[str, ...]
    semantics: tuple[int, ...]
    type: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class InterceptRuleRef:
    """A rule by name; `created_at` is unix seconds."""

    rule_id: str
    name: str
    created_at: int


class InterceptCalls(Transport):
    """Calls about intercept rules: 100 per corp, each changed only by the app that made it.

    They hold for what staff send, not for what customers send. Names are unique, so that after OutcomeUnknown
    `intercept_rules` tells whether one was made, and `intercept_rule` what became of a change.
    """

    def add_intercept_rule(self, new: NewInterceptRule, *, lane: Lane | None = None) -> str:
        """Make a rule; returns its id. Raises ApiError 41077 for a taken name, 41069 above the cap."""
        for name, value in (("rule_name", new.name), ("word_list", new.words)):
            need(name, value)
        need("applicable_range", new.scope.users or new.scope.departments)
        body = {
            **_body(new.name, new.words, new.type),
            **({"semantics_list": _semantics(new.semantics)} if new.semantics else {}),
            "applicable_range": _scope("applicable_range", new.scope),
        }
        return self._write("externalcontact/add_intercept_rule", body, lane=lane).must("rule_id")

    def intercept_rules(self, *, lane: Lane | None = None) -> tuple[InterceptRuleRef, ...]:
        """Return all rules of the corp by name."""
        page = self._get("externalcontact/get_intercept_rule_list", lane=lane).listed("rule_list")
        return page.children(
            "rule_list", lambda x: InterceptRuleRef(x.must("rule_id"), x.text("rule_name"), x.number("create_time"))
        )

    def intercept_rule(self, rule_id: str, *, lane: Lane | None = None) -> InterceptRule:
        """Return a rule; raises ApiError 41070 for an id that never was, 41071 for one that was deleted."""
        answer = self._query("externalcontact/get_intercept_rule", {"rule_id": rule_id}, lane=lane)
        return _rule(answer.child("rule"))

    def update_intercept_rule(self, rule_id: str, change: InterceptRuleChange, *, lane: Lane | None = None) -> None:
        """Change what is named."""
        if change.name is not None:
            need("rule_name", change.name)
        if change.words is not None:
            need("word_list", change.words)
        body = {"rule_id": rule_id, **_body(change.name, change.words, change.type)}
        if change.semantics is not None:
            # Flat where a rule is made, nested here (wire.md C.10).
            body["extra_rule"] = {"semantics_list": _semantics(change.semantics)}
        for name, scope in (("add_applicable_range", change.add), ("remove_applicable_range", change.remove)):
            if scope is not None:
                body[name] = _scope(name, scope)
        self._write("externalcontact/update_intercept_rule", body, lane=lane)

    def del_intercept_rule(self, rule_id: str, *, lane: Lane | None = None) -> None:
        """Delete a rule."""
        self._write("externalcontact/del_intercept_rule", {"rule_id": rule_id}, lane=lane)


def _body(name: str | None, words: Sequence[str] | None, kind: int | None) -> dict[str, object]:
    body: dict[str, object] = {}
    if name is not None:
        within_characters("rule_name", name, _NAME)
        body["rule_name"] = name
    if words is not None:
        at_most("word_list", words, _WORDS)
        for word in words:
            need("word", word)
            within_characters("word", word, _WORD)
        body["word_list"] = list(words)
    if kind is not None:
        if kind not in (BLOCK, WARN):
            raise BadValue("intercept_type", "拦截方式只能是 1 或 2", "an intercept type is 1 or 2")
        body["intercept_type"] = kind
    return body


def _semantics(kinds: Sequence[int]) -> list[int]:
    if not set(kinds) <= {PHONE, EMAIL, RED_PACKET}:
        raise BadValue("semantics_list", "语义规则只能是 1、2、3", "semantics are 1, 2 and 3")
    return list(kinds)


def _scope(field: str, scope: Scope) -> dict[str, object]:
    at_most(f"{field}.user_list", scope.users, _SCOPE)
    at_most(f"{field}.department_list", scope.departments, _SCOPE)
    lists: dict[str, list[object]] = {"user_list": [*scope.users], "department_list": [*scope.departments]}
    return {name: value for name, value in lists.items() if value}


def _rule(x: Fields) -> InterceptRule:
    scope = x.child("applicable_range")
    return InterceptRule(
        rule_id=x.must("rule_id"),
        name=x.text("rule_name"),
        words=x.texts("word_list"),
        semantics=x.numbers("semantics_list"),
        type=x.number("intercept_type"),
        scope=Scope(users=scope.texts("user_list"), departments=scope.numbers("department_list")),
    )
