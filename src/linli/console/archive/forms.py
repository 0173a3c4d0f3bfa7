"""What the administrator brings from WeCom's console for the archive."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.archive.api import NATIVE, NONE, SANDBOX

BACKS = {
    NONE: _("Off"),
    NATIVE: _("WeCom’s native library"),
    SANDBOX: _("The sandbox"),
}
_PROXY = re.compile(r"(http|https|socks5)://[^\s/@]+:\d{1,5}")


class LineForm(forms.Form):
    """Which back, and what it needs; empty secrets leave the kept ones."""

    back = forms.ChoiceField(label=_("How the archive is read"))
    secret = forms.CharField(
        label=_("Secret of the archive"), max_length=200, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("WeCom console → Message archive → Secret. Kept sealed; empty leaves the kept one."),
    )  # fmt: skip
    timeout_s = forms.IntegerField(label=_("Seconds for one call"), min_value=1, max_value=120, initial=10)
    proxy = forms.CharField(
        label=_("Proxy of the library"), max_length=200, required=False,
        help_text=_("Only where the server needs one: socks5://10.0.0.1:8081"),
    )  # fmt: skip
    proxy_password = forms.CharField(
        label=_("User and password of the proxy"), max_length=200, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text=_("user:password, kept sealed"),
    )  # fmt: skip

    def __init__(self, *args: Any, backs: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["back"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, BACKS[one]) for one in backs]
        if NATIVE not in backs:
            del self.fields["proxy"], self.fields["proxy_password"], self.fields["timeout_s"]

    def clean_proxy(self) -> str:
        """An address without a password: that has its own field, which is sealed."""
        proxy: str = self.cleaned_data["proxy"].strip()
        if proxy and not _PROXY.fullmatch(proxy):
            raise forms.ValidationError(_("Write it as http://host:port or socks5://host:port."))
        return proxy


class KeyForm(forms.Form):
    """A version of the key; without a private key Linli makes a pair."""

    version = forms.IntegerField(
        label=_("Version"), min_value=1, max_value=10_000,
        help_text=_("The number that WeCom shows beside the public key: 1 for the first, one more at each change."),
    )  # fmt: skip
    private_key = forms.CharField(
        label=_("Private key"), required=False, max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Empty: Linli makes a pair. Or paste the one you have: PEM, RSA 2048, without a password."),
    )  # fmt: skip
