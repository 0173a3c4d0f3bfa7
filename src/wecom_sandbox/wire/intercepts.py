"""Intercept rules (wire.md C.10); only the app that made a rule may change or delete it."""

from dataclasses import replace

from wecom_sandbox.errors import WireError
from wecom_sandbox.interception import BLOCK, EMAIL, PHONE, RED_PACKET, WARN, covered
from wecom_sandbox.records import Json
from wecom_sandbox.rulebook import Rule
from wecom_sandbox.wire.call import Call, texts_in


def add(call: Call) -> Json:
    """Answer add_intercept_rule; the semantics stand flat here."""
    if len(call.corp.rules.alive()) >= call.world.tunables.intercept_rules_most:
        raise WireError(41069)
    users, departments = _scope(call, "applicable_range")
    rule = Rule(
        rule_id="",
        agentid=call.app.agentid,
        create_time=call.world.now(),
        rule_name=_name(call, None),
        words=_words(call),
        semantics=_semantics(call.args),
        intercept_type=_type(call),
        users=users,
        departments=departments,
    )
    _check_size(call, rule)
    rule.rule_id = call.corp.new_id("ir")
    call.corp.rules.rules[rule.rule_id] = rule
    return {"rule_id": rule.rule_id}


def get_list(call: Call) -> Json:
    """Answer get_intercept_rule_list."""
    names = ("rule_id", "rule_name", "create_time")
    return {"rule_list": [{name: getattr(rule, name) for name in names} for rule in call.corp.rules.alive()]}


def get(call: Call) -> Json:
    """Answer get_intercept_rule."""
    rule = _find(call)
    return {
        "rule": {
            "rule_id": rule.rule_id,
            "rule_name": rule.rule_name,
            "word_list": rule.words,
            "semantics_list": rule.semantics,
            "intercept_type": rule.intercept_type,
            "applicable_range": {"user_list": rule.users, "department_list": rule.departments},
        }
    }


def update(call: Call) -> Json:
    """Answer update_intercept_rule: what is not named stays, the range grows and shrinks, the semantics are nested."""
    rule = _own(call)
    draft = replace(rule)
    if call.args.get("rule_name") is not None:
        draft.rule_name = _name(call, rule)
    if call.args.get("word_list") is not None:
        draft.words = _words(call)
    if call.args.get("extra_rule") is not None:
        draft.semantics = _semantics(call.nested("extra_rule"))
    if call.args.get("intercept_type") is not None:
        draft.intercept_type = _type(call)
    users, departments = _scope(call, "add_applicable_range")
    less_users, less_departments = _scope(call, "remove_applicable_range", known=False)
    draft.users = [one for one in dict.fromkeys([*rule.users, *users]) if one not in less_users]
    draft.departments = [one for one in dict.fromkeys([*rule.departments, *departments]) if one not in less_departments]
    _check_size(call, draft)
    vars(rule).update(vars(draft))
    return {}


def delete(call: Call) -> Json:
    """Answer del_intercept_rule."""
    _own(call).deleted = True
    return {}


def _find(call: Call) -> Rule:
    rule = call.corp.rules.rules.get(call.text("rule_id", missing=41070))
    if rule is None:
        raise WireError(41070)
    if rule.deleted:
        raise WireError(41071)
    return rule


def _own(call: Call) -> Rule:
    rule = _find(call)
    if rule.agentid != call.app.agentid:
        raise WireError(60011)
    return rule


def _name(call: Call, own: Rule | None) -> str:
    name, most = call.text("rule_name"), call.world.tunables.intercept_name_most
    if not 1 <= len(name) <= most:
        raise WireError(40058, f"rule_name must have 1 to {most} characters")
    if any(rule.rule_name == name and rule is not own for rule in call.corp.rules.alive()):
        raise WireError(41077)
    return name


def _words(call: Call) -> list[str]:
    words, limits = list(dict.fromkeys(call.texts("word_list"))), call.world.tunables
    if len(words) > limits.intercept_words_most:
        raise WireError(41068)
    if not words or any(not 1 <= len(word) <= limits.intercept_word_most for word in words):
        raise WireError(41083)
    return words


def _semantics(args: Json) -> list[int]:
    kinds = args.get("semantics_list") or []
    if not isinstance(kinds, list) or any(one not in (PHONE, EMAIL, RED_PACKET) for one in kinds):
        raise WireError(41084)
    return list(dict.fromkeys(kinds))


def _type(call: Call) -> int:
    kind = call.integer("intercept_type")
    if kind not in (BLOCK, WARN):
        raise WireError(40058, "intercept_type is 1 or 2")
    return kind


def _scope(call: Call, name: str, *, known: bool = True) -> tuple[list[str], list[int]]:
    """Read a range; whom one takes out (`known` is not) may have left the corp."""
    body, most = call.nested(name), call.world.tunables.intercept_range_most
    users = texts_in(body, "user_list")
    departments = body.get("department_list") or []
    if not isinstance(departments, list) or not all(type(one) is int for one in departments):
        raise WireError(40058, "department_list must be an array of numbers. Warning: wrong json format.")
    if len(users) > most or len(departments) > most:
        raise WireError(41076)
    if known and any(userid not in call.corp.users for userid in users):
        raise WireError(60111)
    if known and any(one not in call.corp.departments for one in departments):
        raise WireError(60123)
    if known:
        call.need_sight(users, departments)
    return users, departments


def _check_size(call: Call, rule: Rule) -> None:
    if not rule.users and not rule.departments:
        raise WireError(40058, "applicable_range is empty")
    if len(covered(call.corp, rule.users, rule.departments)) > call.world.tunables.intercept_people_most:
        raise WireError(41076)
