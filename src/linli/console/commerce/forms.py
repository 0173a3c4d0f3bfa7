"""What a person says about an upload: where it comes from and which column means what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.commerce.mapping import DATE_ORDERS, ENCODINGS, FIELD_NAMES, FIELDS, REQUIRED, ColumnMapping

_DATES: dict[str, object] = {
    "ymd": "2011-12-01",
    "mdy": _("12/1/2011 (month first)"),
    "dmy": _("1/12/2011 (day first)"),
}
_ENCODINGS = {
    "auto": _("find out"),
    "utf-8": "UTF-8",
    "gb18030": "GB18030 (GBK)",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16",
}


class MappingForm(forms.Form):
    """The columns of one upload; the choices are its header."""

    source = forms.CharField(
        label=_("Source"),
        max_length=40,
        help_text=_("An order is known by source + number: use the same word for the same till or mall."),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Where no column says it."))
    date_order = forms.ChoiceField(label=_("Dates are written as"), choices=[(key, _DATES[key]) for key in DATE_ORDERS])
    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(key, _ENCODINGS[key]) for key in ENCODINGS])
    refund_prefix = forms.CharField(
        label=_("Refund numbers begin with"),
        required=False,
        max_length=8,
        help_text=_("Empty: the file has no refunds."),
    )
    adjustment_prefix = forms.CharField(
        label=_("Adjustment numbers begin with"),
        required=False,
        max_length=8,
        help_text=_("Bookkeeping that is nobody's purchase."),
    )
    completes = forms.BooleanField(
        label=_("Add the lines to orders that are already in"),
        required=False,
        help_text=_("For corrected bad lines. Otherwise an order that comes with other lines is replaced."),
    )

    def __init__(self, *args: Any, header: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for name in FIELDS:
            needed = name in REQUIRED
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=FIELD_NAMES[name],
                required=needed,
                choices=[("", _("not in the file")), *((column, column) for column in header if column)],
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The fields that choose a column, in their order."""
        return [self[f"column_{name}"] for name in FIELDS]

    @classmethod
    def initial_of(cls, source: str, mapping: ColumnMapping) -> dict[str, Any]:
        """What the form shows for a mapping."""
        return {
            "source": source,
            "currency": mapping.currency,
            "date_order": mapping.date_order,
            "encoding": mapping.encoding,
            "refund_prefix": mapping.refund_prefix,
            "adjustment_prefix": mapping.adjustment_prefix,
            "completes": mapping.completes,
            **{f"column_{name}": mapping.columns.get(name, "") for name in FIELDS},
        }

    def mapping(self) -> ColumnMapping:
        """The mapping that was chosen; the form is valid."""
        given = self.cleaned_data
        return ColumnMapping(
            columns={name: given[f"column_{name}"] for name in FIELDS if given[f"column_{name}"]},
            refund_prefix=given["refund_prefix"],
            adjustment_prefix=given["adjustment_prefix"],
            date_order=given["date_order"],
            currency=given["currency"].upper(),
            encoding=given["encoding"],
            completes=given["completes"],
        )
