"""Kinds of messages and states of files, in plain words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

KINDS = {
    "text": gettext_noop("Text messages"),
    "image": gettext_noop("Pictures"),
    "revoke": gettext_noop("Taken back"),
    "agree": gettext_noop("Agreed to the archive"),
    "disagree": gettext_noop("Refused the archive"),
    "voice": gettext_noop("Voice"),
    "video": gettext_noop("Videos"),
    "card": gettext_noop("Cards of people"),
    "location": gettext_noop("Places"),
    "emotion": gettext_noop("Stickers"),
    "file": gettext_noop("Files"),
    "link": gettext_noop("Links"),
    "weapp": gettext_noop("Mini programs"),
    "chatrecord": gettext_noop("Forwarded records"),
    "todo": gettext_noop("To-dos"),
    "vote": gettext_noop("Votes"),
    "collect": gettext_noop("Forms"),
    "redpacket": gettext_noop("Red packets"),
    "external_redpacket": gettext_noop("Red packets with customers"),
    "meeting": gettext_noop("Meetings"),
    "meeting_notification": gettext_noop("Notes of meetings"),
    "docmsg": gettext_noop("Online documents"),
    "markdown": gettext_noop("Markdown"),
    "news": gettext_noop("Articles"),
    "calendar": gettext_noop("Appointments"),
    "mixed": gettext_noop("Text and pictures"),
    "meeting_voice_call": gettext_noop("Recorded calls"),
    "voip_doc_share": gettext_noop("Documents of calls"),
    "sphfeed": gettext_noop("Channel posts"),
    "voiptext": gettext_noop("Calls"),
    "qydiskfile": gettext_noop("WeDrive files"),
    "solitaire": gettext_noop("Chain sign-ups"),
    "note": gettext_noop("Notes"),
    "switch": gettext_noop("Went to another company"),
}
FILES = {
    "done": gettext_noop("here"),
    "waiting": gettext_noop("to be fetched"),
    "expired": gettext_noop("too old to be fetched"),
    "too_large": gettext_noop("over the limit"),
    "failed": gettext_noop("failed"),
}


def kind(name: str) -> str:
    """A kind as people call it; one that nobody knows by WeCom's own word."""
    return _(KINDS[name]) if name in KINDS else name


def file_state(name: str) -> str:
    """A file's state."""
    return _(FILES[name])
