"""No secret, token, phone number, name or message text stands in a log or in the audit trail, whatever goes wrong."""

import json
import logging
import os
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from linli.access.audit_models import AuditRow
from linli.kit.redaction import QuietFormatter, described, redact
from linli.ledger.models import InboxRow
from tests.messaging.conftest import chain, line, stage
from tests.project import telling

__all__ = ["chain", "line", "stage"]
pytestmark = pytest.mark.django_db(transaction=True)


class Kept(logging.Handler):
    """What the house's own handler would have written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.setFormatter(QuietFormatter("%(levelname)s %(name)s %(message)s"))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def heard():
    kept, root, ours = Kept(), logging.getLogger(), logging.getLogger("linli")
    before = ours.level
    root.addHandler(kept)
    ours.setLevel(logging.DEBUG)
    yield kept
    ours.setLevel(before)
    root.removeHandler(kept)


def servers_log() -> str:
    """What PostgreSQL itself wrote; nothing where the tests use a server of the administrator's."""
    log = Path(os.environ["LINLI_DATA_DIR"]) / "postgres" / "postgres.log"
    return log.read_text(errors="replace") if log.exists() else ""


def trail() -> str:
    """The whole audit table as text."""
    return json.dumps(list(AuditRow.objects.values()), default=str, ensure_ascii=False)


def test_the_story_leaves_no_trace_of_people_or_secrets(chain, heard, monkeypatch, tmp_path, settings):
    from dataclasses import replace

    settings.LINLI = replace(settings.LINLI, demo=True)
    before = set(AuditRow.objects.values_list("id", flat=True))
    told = telling.by_pages(chain)
    telling.by_api(chain, told)
    telling.by_a_line_that_breaks(chain, monkeypatch)
    log = tmp_path / "children.log"
    with telling.children(connection.settings_dict["NAME"], log) as base:
        telling.by_callbacks(chain, base)
        telling.until(lambda: InboxRow.objects.exists() and not InboxRow.objects.filter(state=0).exists(), within=60)
        telling.until(lambda: not InboxRow.objects.filter(welcome_state__in=(1, 2)).exists(), within=30)
    told.secrets.append(chain.stage.token())  # the app's: WeCom gives everybody the same one while it lives
    assert len(told.secrets) == 6
    rows = AuditRow.objects.exclude(id__in=before)
    actions = set(rows.values_list("action", flat=True))
    assert {"sign-in", "connect:line", "sends:approval", "segments:new", "acquisition:new_welcome", "customers:consent",
            "commerce:imports", "settings:create_key", "api:post_orders", "messaging.launched"} <= actions, actions  # fmt: skip
    assert rows.filter(before__isnull=False, after__isnull=False).count() > 4
    assert told.found_in(trail()) == []
    assert told.found_in("\n".join(heard.lines)) == []
    assert told.found_in(log.read_text(errors="replace")) == []
    assert told.found_in(servers_log()) == []
    assert heard.lines, "something was heard at all"


def test_the_databases_own_words_are_kept_out(corp, heard):
    """PostgreSQL quotes the values that it stumbles over, to us and into its own log."""
    from linli.access import api as access

    name = "慕容大川 13912345678"
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(
                "INSERT INTO access_corp (wecom_id, name, zone, created_at) VALUES (%s, '', '', now())", [name]
            )
    assert name in str(caught.value)
    log = logging.getLogger("linli.test")
    try:
        raise caught.value
    except IntegrityError:
        log.exception("it failed: %s", caught.value)
    log.warning(caught.value)
    text = "\n".join(heard.lines)
    assert name not in text
    assert "IntegrityError 23505 access_corp_wecom_id" in text
    assert "test_logs_are_clean.py" in text
    assert name not in servers_log()
    assert access.corps()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("GET /cgi-bin/get?access_token=abc-DEF&x=1", "GET /cgi-bin/get?access_token=***&x=1"),
        ('{"corpsecret": "s3"}', '{"corpsecret": "***"}'),
        ("Authorization: Bearer lk_0123456789abcdef", "Authorization: Bearer ***"),
        ("key lk_0123456789abcdef was shown", "key lk_*** was shown"),
        ("postgresql://linli:pa55@/linli", "postgresql://linli:***@/linli"),
        ("call 13912345678 or +8613912345678", "call 1********** or 1**********"),
        ("row 139123456789 at 1739123456.78", "row 139123456789 at 1739123456.78"),
    ],
)
def test_known_shapes_are_blacked_out(text, clean):
    assert redact(text) == clean


def test_an_error_is_described_by_what_it_is():
    from linli.kit.errors import BadInput

    assert described(BadInput("bad_phone", "13912345678 is no number")) == "BadInput bad_phone"
    assert described(ValueError("慕容大川")) == "ValueError"


def test_errors_that_lead_to_each_other_are_told_once_each():
    """Raised again out of each other's handling, errors may form a ring; the log's own death once took a thread with it."""
    kept = Kept()
    first, second = ValueError("13800138000"), KeyError("secret")
    first.__cause__, second.__cause__ = second, first
    kept.handle(logging.LogRecord("linli", logging.ERROR, __file__, 1, "stumbled", (), (ValueError, first, None)))
    (line_,) = kept.lines
    assert (line_.count("ValueError"), line_.count("KeyError")) == (1, 1)
    assert "13800138000" not in line_
