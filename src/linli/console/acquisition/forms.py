"""What people type about codes and welcomes."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.acquisition.models import LiveCode, Welcome
from linli.directory.api import ShopInfo, StaffInfo


class _Cost(forms.Form):
    cost = forms.DecimalField(
        label=_("Cost so far, yuan"), required=False, min_value=0, max_digits=12, decimal_places=2,
        help_text=_("Printing, placing, gifts: gives the cost of one customer."),
    )  # fmt: skip

    def cost_fen(self) -> int | None:
        """The cost in fen."""
        cost: Decimal | None = self.cleaned_data["cost"]
        return None if cost is None else int(cost * 100)


class CodeForm(_Cost):
    """A new code of a channel."""

    field_order = ("name", "channel", "reason_to_add", "shop", "staff", "cost")
    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Where it hangs or lies, such as “parcel card, autumn”.")
    )
    channel = forms.CharField(
        label=_("Channel"), max_length=30, help_text=_("Becomes a tag at WeCom that the customer keeps for life.")
    )
    reason_to_add = forms.CharField(
        label=_("Reason to add"),
        max_length=60,
        required=False,
        help_text=_("Printed beside the code: what one gets for adding."),
    )
    shop = forms.ChoiceField(label=_("Shop"), required=False)
    staff = forms.MultipleChoiceField(label=_("Clerks"), help_text=_("WeCom chooses among them."))

    def __init__(self, *args: object, staff: Sequence[StaffInfo], shops: Sequence[ShopInfo], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        names = {one.id: one.name for one in shops}
        clerks = sorted(
            (one for one in staff if one.active), key=lambda one: (names.get(one.shop_id or 0, ""), one.userid)
        )
        self._choices("shop", [("", _("No shop")), *((str(one.id), one.name) for one in shops)])
        self._choices(
            "staff",
            [(str(one.id), " · ".join(filter(None, (names.get(one.shop_id or 0, ""), one.name)))) for one in clerks],
        )
        self.fields["staff"].widget.attrs["size"] = 10

    def _choices(self, name: str, choices: list[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class WordsForm(_Cost):
    """What people read about a code, and its cost."""

    field_order = ("name", "reason_to_add", "welcome", "cost")
    name = forms.CharField(label=_("Name"), max_length=60)
    reason_to_add = forms.CharField(
        label=_("Reason to add"),
        max_length=60,
        required=False,
        help_text=_("Shown under the code: what one gets for adding."),
    )
    welcome = forms.ChoiceField(label=_("Welcome"), required=False)

    def __init__(self, *args: object, welcomes: Iterable[Welcome], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["welcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("As for the shop")), *((str(one.pk), one.name) for one in welcomes)]

    @classmethod
    def of(cls, row: LiveCode, *, welcomes: Iterable[Welcome]) -> "WordsForm":
        """The form of a code."""
        cost = Decimal(row.cost_fen) / 100 if row.cost_fen is not None else None
        initial = {"name": row.name, "reason_to_add": row.reason_to_add, "welcome": row.welcome_id or "", "cost": cost}
        return cls(initial=initial, welcomes=welcomes)


class WelcomeForm(forms.Form):
    """A welcome: words, and when and where they are said."""

    name = forms.CharField(label=_("Name"), max_length=60)
    text = forms.CharField(
        label=_("Words"), max_length=1300, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("{customer}, {shop} and {staff} are filled in."),
    )  # fmt: skip
    shop = forms.ChoiceField(label=_("Shop"), required=False)
    from_time = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    until_time = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    with_group = forms.BooleanField(label=_("With the link to the shop's group"), required=False, initial=True)

    def __init__(self, *args: object, shops: Sequence[ShopInfo], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["shop"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Every shop")), *((str(one.id), one.name) for one in shops)]
