"""One form for each kind of condition, and the one that saves a segment."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli.segments import queries
from linli.segments.definition import Leaf, leaf_json, parse_leaf
from linli.segments.describe import RFM_NAMES
from linli.segments.errors import BadDefinition

MANY_SHOWN = 8


class ConditionForm(forms.Form):
    """Gives a leaf of its `kind`; an empty field is null, and lists of numbers are numbers again."""

    kind: ClassVar[str] = ""
    numbers: ClassVar[frozenset[str]] = frozenset()
    use_required_attribute = False

    def __init__(self, *args: Any, corp_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "c"})
        for name, choices in self.choices(corp_id).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        for field in self.fields.values():
            if isinstance(field.widget, forms.SelectMultiple):
                field.widget.attrs["size"] = MANY_SHOWN

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        """What can be chosen, by field."""
        del corp_id
        return {}

    def clean(self) -> dict[str, Any]:
        """Try the values as a condition; what does not fit is said at the form."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.leaf_found = parse_leaf({"kind": self.kind, **self.values(cleaned)}, self.kind, self.kind)
            except BadDefinition as error:
                raise forms.ValidationError(str(error.message)) from error
        return cleaned

    def values(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The cleaned fields as the leaf's JSON."""
        return {name: self.plain(name, value) for name, value in cleaned.items()}

    def plain(self, name: str, value: Any) -> Any:
        """One value as JSON."""
        if name in self.numbers:
            return [int(one) for one in value] if isinstance(value, list) else int(value)
        return None if value == "" else value

    def leaf(self) -> Leaf:
        """The condition of a valid form."""
        return self.leaf_found


def _many(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, widget=forms.SelectMultiple)


def _checks(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, widget=forms.CheckboxSelectMultiple)


def _days(label: Any, *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=36500, required=required)


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, required=False)


class TagForm(ConditionForm):
    """Which tags."""

    kind = "tag"
    numbers = frozenset({"tag_ids"})
    tag_ids = _many(_("Tags"))
    match = forms.ChoiceField(label=_("Carries"), choices=[("any", _("any of them")), ("all", _("all of them"))])

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        return {"tag_ids": _grouped((one.group, one.id, one.name) for one in customers.tags(corp_id=corp_id))}


class ChannelForm(ConditionForm):
    """Which live codes."""

    kind = "channel"
    states = _many(_("Live codes"))

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        shops = {one.code: one.name for one in directory.shops(corp_id=corp_id)}
        found = customers.channels(corp_id=corp_id)
        return {"states": [(state, f"{shops.get(state, state)} ({n})") for state, n in found if state]}


class ShopForm(ConditionForm):
    """Which shops."""

    kind = "shop"
    numbers = frozenset({"shop_ids"})
    shop_ids = _many(_("Home shop"))

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        return {"shop_ids": _grouped((one.city, one.id, one.name) for one in directory.shops(corp_id=corp_id))}


class GroupMemberForm(ConditionForm):
    """In groups or not."""

    kind = "group_member"
    numbers = frozenset({"group_ids"})
    mode = forms.ChoiceField(
        label=_("Membership"),
        choices=[("any", _("in any group")), ("none", _("in no group")), ("in", _("in these groups"))],
    )
    group_ids = forms.MultipleChoiceField(label=_("Groups"), required=False, widget=forms.SelectMultiple)

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        return {"group_ids": [(one.id, one.name) for one in groups.groups(corp_id=corp_id)]}

    def values(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        values = super().values(cleaned)
        return values if values["mode"] == "in" else {**values, "group_ids": []}


class LastPurchaseForm(ConditionForm):
    """When last."""

    kind = "last_purchase"
    op = forms.ChoiceField(
        label=_("Last bought"),
        choices=[("before", _("longer ago than")), ("within", _("within the last")), ("never", _("never"))],
    )
    days = _days(_("Days"))

    def values(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {"op": cleaned["op"], "days": 0 if cleaned["op"] == "never" else cleaned["days"] or 0}


class FrequencyForm(ConditionForm):
    """How often."""

    kind = "frequency"
    basis = forms.ChoiceField(
        label=_("What is counted"), choices=[("orders", _("orders")), ("lines", _("order lines"))]
    )
    min = _count(_("At least"))
    max = _count(_("At most"))
    days = _days(_("In the last … days"))


class SpendForm(ConditionForm):
    """How much."""

    kind = "spend"
    min = forms.CharField(label=_("At least"), required=False, max_length=20)
    max = forms.CharField(label=_("At most"), required=False, max_length=20)
    days = _days(_("In the last … days"))


class RfmForm(ConditionForm):
    """Which RFM segments."""

    kind = "rfm"
    segments = _checks(_("RFM segment"))
    method = forms.ChoiceField(
        label=_("Method"), choices=[("published", _("published method")), ("default", _("Linli's method"))]
    )

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        del corp_id
        return {"segments": list(RFM_NAMES.items())}


class SuperUserForm(ConditionForm):
    """Which standing."""

    kind = "super_user"
    tier = forms.ChoiceField(
        label=_("Standing"), choices=[("super", _("super users")), ("near", _("nearly super users"))]
    )


class AddedForm(ConditionForm):
    """When added."""

    kind = "added"
    days = _days(_("In the last … days"))
    since = forms.DateField(label=_("or from (day)"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label=_("until (day included)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def plain(self, name: str, value: Any) -> Any:
        return value.isoformat() if name != "days" and value else super().plain(name, value)


class ReachedForm(ConditionForm):
    """How long ago."""

    kind = "reached"
    days = _days(_("In the last … days"), required=True)


class InSegmentForm(ConditionForm):
    """Which segment."""

    kind = "in_segment"
    numbers = frozenset({"segment_id"})
    segment_id = forms.ChoiceField(label=_("Segment"))

    def choices(self, corp_id: int) -> dict[str, list[Any]]:
        return {"segment_id": [(one.id, one.name) for one in queries.lines(corp_id)]}


FORMS: dict[str, type[ConditionForm]] = {
    one.kind: one
    for one in (
        RfmForm, LastPurchaseForm, FrequencyForm, SpendForm, SuperUserForm, TagForm, ShopForm, ChannelForm,
        GroupMemberForm, AddedForm, ReachedForm, InSegmentForm,
    )
}  # fmt: skip
MENU: list[tuple[str, Any]] = [
    ("rfm", _("RFM segment")),
    ("last_purchase", _("Last purchase")),
    ("frequency", _("How often")),
    ("spend", _("How much")),
    ("super_user", _("Super users")),
    ("tag", _("Tags")),
    ("shop", _("Home shop")),
    ("channel", _("Live code")),
    ("group_member", _("Groups")),
    ("added", _("Added when")),
    ("reached", _("Messaged lately")),
    ("in_segment", _("Another segment")),
]


def initial(leaf: Leaf) -> dict[str, Any]:
    """A leaf's values as a form shows them."""
    return {name: value for name, value in leaf_json(leaf).items() if name != "kind"}


def _grouped(rows: Iterable[tuple[str, int, str]]) -> list[Any]:
    found: dict[str, list[tuple[int, str]]] = {}
    for group, value, name in rows:
        found.setdefault(group, []).append((value, name))
    return list(found.items())
