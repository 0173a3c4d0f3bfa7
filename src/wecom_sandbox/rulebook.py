"""A corp's intercept rules (wire.md C.10)."""

from dataclasses import dataclass

from wecom_sandbox.records import Json


@dataclass
class Rule:
    """A rule; a deleted one is remembered, because WeCom tells it from one that never was."""

    rule_id: str
    agentid: int
    create_time: int
    rule_name: str
    words: list[str]
    semantics: list[int]
    intercept_type: int
    users: list[str]
    departments: list[int]
    deleted: bool = False


class RuleBook:
    """Rules by id."""

    def __init__(self) -> None:
        """Start without any."""
        self.rules: dict[str, Rule] = {}

    def alive(self) -> list[Rule]:
        """List the rules that are not deleted, oldest first."""
        return [rule for rule in self.rules.values() if not rule.deleted]

    def freeze(self) -> Json:
        """Write everything that is kept."""
        return {"rules": list(self.rules.values())}

    def thaw(self, row: Json) -> None:
        """Read it back."""
        self.rules = {rule["rule_id"]: Rule(**rule) for rule in row.get("rules", ())}
