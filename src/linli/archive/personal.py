"""What the archive keeps about a person (kit/personal.py says how to read this).

What a person said, and what was said to them alone, goes; what others said in a group stays, without the person among those
who were there. What others wrote about them lies sealed inside others' words and is not searched.
"""

from django.utils.translation import gettext_noop as _

from linli.archive.reading import show
from linli.kit.personal import Act, Part

_THERE = (
    "SELECT audience_id FROM archive_audiencemember WHERE corp_id = %(corp)s AND member_id = ANY(%(wecom)s::text[])"
)
_MESSAGES = f"corp_id = %(corp)s AND (sender = ANY(%(wecom)s::text[]) OR (room_id = '' AND audience_id IN ({_THERE})))"
_FILES = f"corp_id = %(corp)s AND (msgid, sent_at) IN (SELECT msgid, sent_at FROM archive_message WHERE {_MESSAGES})"  # noqa: S608
_SAID = _("what the person said, and what was said to them alone")

PERSONAL = (
    Part(
        table="archive_mediapiece", title=_("Files of archived messages, in pieces"), act=Act.DELETE, why=_SAID,
        where=f"corp_id = %(corp)s AND media_id IN (SELECT id FROM archive_media WHERE {_FILES})",  # noqa: S608
    ),
    Part(
        table="archive_media", title=_("Files of archived messages"), where=_FILES, act=Act.DELETE, why=_SAID,
        show=((_("Kind"), "kind"), (_("At"), "sent_at"), (_("Size"), "size"), (_("State"), "state")),
    ),
    Part(
        table="archive_message", title=_("Archived messages"), where=_MESSAGES, act=Act.DELETE, why=_SAID,
        show=(
            (_("At"), "sent_at"), (_("From"), "sender"), (_("Kind"), "kind"), (_("Number"), "msgid"),
            (_("Content"), "content_sealed"),
        ),
        reveal=show,
    ),
    Part(
        table="archive_audiencemember", title=_("Who was there when others wrote"), act=Act.SCRUB,
        where="corp_id = %(corp)s AND member_id = ANY(%(wecom)s::text[])", set="member_id = %(pseudonym)s",
        why=_("a pseudonym stands in the identifier’s place"),
    ),
)  # fmt: skip
