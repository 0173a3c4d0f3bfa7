"""What can be given when a key is made."""

from django import forms
from django.utils.translation import gettext_lazy as _

# What the JSON API asks for (linli.api): a key can do no more than its scopes.
SCOPES = (
    ("orders.write", _("Send orders and refunds")),
    ("orders.read", _("Read orders")),
    ("members.write", _("Register members")),
    ("customers.reveal", _("See personal data in the clear")),
)


LIVES = (("90", _("90 days")), ("365", _("a year")), ("730", _("two years")), ("", _("until it is revoked")))


class KeyForm(forms.Form):
    """A name that says who uses the key, and what it may do."""

    name = forms.CharField(label=_("What is it for"), max_length=60, help_text=_("For example: till system, web shop."))
    days = forms.TypedChoiceField(
        label=_("Good for"), choices=LIVES, coerce=int, empty_value=None, required=False, initial="365"
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=SCOPES, widget=forms.CheckboxSelectMultiple, initial=[SCOPES[0][0]]
    )
