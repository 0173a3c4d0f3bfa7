"""What an administrator brings from WeCom's console."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from linli.connect.api import OFFICIAL
from linli.directory.api import DepartmentInfo
from linli.kit.addresses import belongs


class LineForm(forms.Form):
    """The corp's app; the corp id is asked for only before a corp is there."""

    wecom_id = forms.CharField(
        label=_("Corp id"),
        max_length=64,
        help_text=_("WeCom console → My company → Company information, at the bottom."),
    )
    name = forms.CharField(label=_("Company name"), max_length=60)
    agent_id = forms.IntegerField(label=_("AgentId"), min_value=1, help_text=_("On the page of your self-built app."))
    secret = forms.CharField(
        label=_("Secret of the app"),
        max_length=200,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept sealed; it is never shown again."),
    )
    contact_secret = forms.CharField(
        label=_("Secret of contact sync"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Only if your app may not see all departments."),
    )
    base_url = forms.URLField(
        label=_("Address of the interface"),
        initial=OFFICIAL,
        assume_scheme="https",
        help_text=_("Leave it, unless you try Linli with its sandbox."),
    )

    def __init__(self, *args: Any, has_corp: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_corp:
            del self.fields["wecom_id"], self.fields["name"]

    def clean_base_url(self) -> str:
        """The secret goes there: only WeCom itself, or an address that the server's own setting opens (the sandbox)."""
        base_url: str = self.cleaned_data["base_url"].rstrip("/")
        if base_url != OFFICIAL and not belongs(urlsplit(base_url).hostname or "", settings.LINLI.private_networks):
            raise forms.ValidationError(
                _("The secret would go there: only %(official)s is allowed.") % {"official": OFFICIAL}
            )
        return base_url


class ShopParentForm(forms.Form):
    """Under which department the shops are."""

    parent = forms.TypedChoiceField(label=_("Department whose sub-departments are shops"), coerce=int)

    def __init__(self, *args: Any, departments: list[DepartmentInfo], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            (one.wecom_id, _("%(name)s · %(n)d below") % {"name": one.name, "n": one.children})
            for one in departments
            if one.children
        ]


class ShopImportForm(forms.Form):
    """A CSV file that describes shops."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "Columns: code, name, city, district, address, lat, lng, is_open, department. UTF-8 or GBK, up to 2 MB."
        ),
    )

    def clean_file(self) -> bytes:
        """The content, within bounds."""
        upload = self.cleaned_data["file"]
        if upload.size > 2 * 1024 * 1024:
            raise forms.ValidationError(_("This file is larger than 2 MB: are these really shops?"))
        content: bytes = upload.read()
        return content
