"""The composer's state: a draft row, its builder, its preview; every change is kept at once."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import localtime

from linli.access.api import CorpInfo
from linli.console.messaging import words
from linli.console.messaging.forms import AttachmentForm, ComposerForm
from linli.console.segments import builder, editing
from linli.kit.errors import LinliError
from linli.messaging import api, preview, queries
from linli.messaging import content as contents
from linli.messaging.models import Send
from linli.segments import api as segments


def draft_of(row: Send) -> api.Draft:
    """The draft as it is kept."""
    return api.Draft(
        name=row.name,
        definition=segments.parse(row.definition),
        content=contents.parse(row.content),
        holdout_percent=row.holdout_percent,
        send_at=row.send_at,
        segment_id=row.segment_id,
    )


def form_of(row: Send, zone: str) -> ComposerForm:
    """The form as it is kept."""
    at = localtime(row.send_at, ZoneInfo(zone)) if row.send_at else None
    initial = {
        "name": row.name,
        "text": contents.parse(row.content).text,
        "holdout": str(row.holdout_percent),
        "send_at": at.replace(tzinfo=None) if at else None,
    }
    return ComposerForm(initial=initial, zone=zone)


def keep(row: Send, form: ComposerForm, *, author: str) -> None:
    """Keep what was written."""
    draft = draft_of(row)
    values = form.cleaned_data
    changed = replace(
        draft,
        name=values["name"],
        content=replace(draft.content, text=values["text"].replace("\r\n", "\n")),
        holdout_percent=int(values["holdout"]),
        send_at=values["send_at"],
    )
    api.change(corp_id=row.corp_id, send_id=row.pk, draft=changed, author=author)


def kept(row: Send) -> dict[str, Any]:
    """For the audit trail: what of a draft can be changed; its words stay fingerprints there."""
    content = contents.parse(row.content)
    return {
        "name": row.name, "text": content.text, "attachments": len(content.attachments),
        "holdout_percent": row.holdout_percent, "send_at": row.send_at, "version": row.version,
    }  # fmt: skip


def live(row: Send, place: int = 0) -> dict[str, Any]:
    """What changes with every letter: waterfall, sizes, phone."""
    try:
        found = preview.look(row)
    except LinliError as error:
        return {"row": row, "problem": error.message}
    content = contents.parse(row.content)
    return {
        "row": row,
        "preview": found,
        "rows": words.waterfall(found.steps),
        "power": words.power(found),
        "problem": found.problem,
        "sight": preview.sight(row, found, place),
        "attachments": len(content.attachments),
        "split": "shop" if content.by_shop else "clerk",
    }


def whole(row: Send, corp: CorpInfo, *, base: str, form: ComposerForm | None = None) -> dict[str, Any]:
    """All that the composer's page shows."""
    root = editing.rooted(segments.parse(row.definition))
    return {
        **builder.context(corp.id, root, base=base),
        **live(row),
        "form": form or form_of(row, corp.zone),
        "attached": [(place, one) for place, one in enumerate(contents.parse(row.content).attachments)],
        "attachment_form": AttachmentForm(corp_id=corp.id),
        "saved": segments.segments(corp_id=corp.id),
        "changes": queries.changes(corp.id, row.pk),
    }
