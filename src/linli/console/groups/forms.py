"""The sheet of a community (S01), in its six steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.console.groups.words import KINDS
from linli.groups.communities import NEEDED
from linli.groups.models import Community


def _text(label: Any, help_text: Any = "", rows: int = 2) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=2000, widget=area)


class SheetForm(forms.Form):
    """Everything may be saved half done; only opening asks for all of it."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("What your colleagues call it."))
    kind = forms.ChoiceField(label=_("Type"), choices=[("", _("Choose")), *KINDS.items()], required=False)
    is_event = forms.BooleanField(label=_("It is an event and has an end"), required=False)
    ends_on = forms.DateField(label=_("End date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    owner = forms.CharField(label=_("Owner"), max_length=60, required=False, help_text=_("Who answers for it."))
    purpose = _text(_("Purpose"), _("One sentence: what shall be different because of this community?"))
    positioning = _text(_("Positioning"), _("What it is to its members, beside all their other groups."))
    target = _text(_("Target people"), _("Who belongs here, and who does not."))
    value = _text(_("Value promised"), _("What they get here and nowhere else."))
    rules = _text(_("Rules"), _("What is welcome, what is not, what happens then."), rows=3)
    winning = _text(_("Winning members"), _("Where they come from."))
    keeping = _text(_("Keeping them"), _("Columns, rhythm, who talks."))
    converting = _text(_("Leading to a purchase"), _("When, with what, how often at most."))
    why_enter = _text(_("Why should I enter?"))
    who_else = _text(_("Who else is here?"))
    why_together = _text(_("Why are we together?"))

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:  # shown as needed, but a half-done sheet may be saved
            for name in NEEDED:
                self.fields[name].required = True

    @classmethod
    def of(cls, row: Community | None) -> "SheetForm":
        """The form of a sheet, or an empty one."""
        return cls(initial={name: getattr(row, name) for name in cls.base_fields} if row else None)
