"""What a person writes in the composer."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.groups import api as groups
from linli.messaging import content as contents

HOLDOUTS = [("0", _("nobody")), ("5", "5%"), ("10", "10%"), ("20", "20%"), ("30", "30%")]


class ComposerForm(forms.Form):
    """Name, words, holdout and time; times are the corp's own."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Only colleagues see it."))
    text = forms.CharField(
        label=_("Text"), required=False, strip=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    holdout = forms.ChoiceField(label=_("Hold out, to measure the effect"), choices=HOLDOUTS)
    send_at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: at once. Quiet hours move it to the morning."),
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        self.use_required_attribute = False

    def clean_send_at(self) -> datetime | None:
        """The corp's wall clock, whatever the server's zone is."""
        found: datetime | None = self.cleaned_data["send_at"]
        return found.replace(tzinfo=self.zone) if found is not None else None


class AttachmentForm(forms.Form):
    """One attachment: the fields of its kind."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            ("group_code", _("Group code")),
            ("link", _("Link")),
            ("miniprogram", _("Mini-program")),
            ("image", _("Picture")),
        ],
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=64)
    community = forms.ChoiceField(label=_("Whose group code"), required=False)
    desc = forms.CharField(label=_("Line below"), required=False, max_length=160)
    url = forms.URLField(label=_("Web address"), required=False, max_length=2048, assume_scheme="https")
    picurl = forms.URLField(label=_("Picture's address"), required=False, max_length=2048, assume_scheme="https")
    appid = forms.CharField(label=_("Mini-program's appid"), required=False, max_length=64)
    page = forms.CharField(label=_("Mini-program's page"), required=False, max_length=1024)
    media_id = forms.CharField(label=_("WeCom media id"), required=False, max_length=256)

    def __init__(self, *args: Any, corp_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(str(one.id), one.name) for one in groups.communities(corp_id=corp_id)]
        field = self.fields["community"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("their own shop's")), *found]

    FIELDS = {
        "group_code": {"title": "title", "desc": "desc", "community": "community"},
        "link": {"title": "title", "desc": "desc", "url": "url", "picurl": "picurl"},
        "miniprogram": {"title": "title", "pic_media_id": "media_id", "appid": "appid", "page": "page"},
        "image": {"media_id": "media_id", "pic_url": "picurl"},
    }

    def data_of(self) -> dict[str, str]:
        """The attachment's JSON."""
        kind = self.cleaned_data["kind"]
        return {"kind": kind, **{name: self.cleaned_data[source] for name, source in self.FIELDS[kind].items()}}

    def attachment(self) -> contents.Attachment:
        """The attachment; BadContent when something is missing."""
        found = contents.parse({"attachments": [self.data_of()]})
        contents.check(found)
        return found.attachments[0]
