"""The message archive, where one is chosen: is it read, and can what is read be opened?"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.archive import api as archive
from linli.kit.clock import now
from linli.project.doctor.corp import Asked
from linli.project.doctor.findings import Answer, fail, warn, well

_LATE = timedelta(hours=6)  # of the five days that WeCom keeps messages


def reading(asked: Asked) -> Iterator[Answer]:
    line = archive.line(corp_id=asked.corp_id)
    if line.back == archive.NONE:
        return
    closed = archive.unopened(corp_id=asked.corp_id)
    if line.trouble is not None:
        yield fail(
            str(line.trouble), _("Look at the page of the message archive: WeCom keeps messages for five days only.")
        )
    elif line.caught_up_at is not None and now() - line.caught_up_at > _LATE:
        yield warn(
            _("Nobody has read the archive to its end since %(at)s.")
            % {"at": line.caught_up_at.isoformat(" ", "minutes")},
            _("Look whether the worker runs: WeCom keeps messages for five days only."),
        )
    elif closed:
        yield warn(
            ngettext("%(n)d message waits for its key.", "%(n)d messages wait for their keys.", closed) % {"n": closed},
            _("Add the private key of that version on the page of the message archive."),
        )
    else:
        yield well(_("The archive is read, and everything opened."))
