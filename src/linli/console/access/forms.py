"""Who it is, and what they may reach."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.access.api import EVERYTHING, Scope
from linli.directory import api as directory

KINDS = (
    ("corp", _("the whole corp")),
    ("department", _("chosen departments")),
    ("shop", _("chosen shops")),
    ("own", _("their own customers")),
)


class PersonForm(forms.Form):
    """The name, and the staff member behind it."""

    name = forms.CharField(label=_("Name"), max_length=60)
    userid = forms.CharField(
        label=_("WeCom userid"),
        max_length=64,
        required=False,
        help_text=_("Whose account it is: may sign in with WeCom, and is shut when they leave. A clerk needs one."),
        widget=forms.TextInput(attrs={"list": "staff", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, corp_id: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.staff = {one.userid: one for one in directory.staff(corp_id=corp_id)}

    def clean_userid(self) -> str:
        """One of the staff."""
        userid: str = self.cleaned_data["userid"].strip()
        if userid and userid not in self.staff:
            raise forms.ValidationError(_("Nobody of your staff has this userid. Choose from the list."))
        return userid


class NewForm(PersonForm):
    """And how they sign in."""

    username = forms.RegexField(
        r"^[\w.@+-]{2,60}$",
        label=_("Sign-in name"),
        error_messages={"invalid": _("2 to 60 letters, digits or . _ @ + -")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["username", "name", "userid"]


class RoleForm(forms.Form):
    """A role and how far it reaches; only the ids of the chosen kind count."""

    role = forms.ChoiceField(label=_("Role"), choices=list(access.NAMES.items()), widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Reaches"), choices=KINDS)
    departments = forms.MultipleChoiceField(label=_("Departments"), required=False, widget=forms.CheckboxSelectMultiple)
    shops = forms.MultipleChoiceField(label=_("Shops"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, corp_id: int, staff_id: int | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.staff_id = staff_id
        fields: dict[str, Any] = self.fields
        fields["departments"].choices = [(one.wecom_id, one.name) for one in directory.departments(corp_id=corp_id)]
        fields["shops"].choices = [(one.id, one.name) for one in directory.shops(corp_id=corp_id)]

    def clean(self) -> dict[str, Any]:
        """The scope from the parts."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if "role" not in given or "kind" not in given:
            return given
        if given["kind"] not in access.SCOPES[given["role"]]:
            words = dict(KINDS)
            wanted = " / ".join(str(words[kind]) for kind in access.SCOPES[given["role"]])
            self.add_error("kind", _("This role reaches: %(kinds)s.") % {"kinds": wanted})
            return given
        given["scope"] = scope = self._scope(given)
        if not scope and given["kind"] == "own":
            self.add_error("kind", _("Say first whose account it is: enter the WeCom userid."))
        elif not scope:
            self.add_error(given["kind"] + "s", _("Choose at least one."))
        return given

    def _scope(self, given: dict[str, Any]) -> Scope:
        match given["kind"]:
            case "corp":
                return EVERYTHING
            case "own":
                return Scope(frozenset({("own", self.staff_id)} if self.staff_id else ()))
            case kind:
                return Scope(frozenset((kind, int(one)) for one in given[kind + "s"]))


def role_initial(info: access.AccountInfo) -> dict[str, Any]:
    """The form as the account stands."""
    kinds = [kind for kind, _label in KINDS if any(part == kind for part, _key in info.scope.parts)]
    return {
        "role": info.role,
        "kind": kinds[0] if kinds else "shop",
        "departments": [str(one) for one in info.scope.ids("department")],
        "shops": [str(one) for one in info.scope.ids("shop")],
    }
