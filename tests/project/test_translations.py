"""Chinese is complete: every message of templates and code has its Chinese text, with the same placeholders."""

import ast
import re
import subprocess
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2, "pgettext": 1, "pgettext_lazy": 1, "N_": 1}  # fmt: skip
PLACES = re.compile(r"%\([a-zA-Z_]+\)[sd]")


def known() -> dict[str, polib.POEntry]:
    return {
        text: entry
        for path in sorted((ROOT / "src/linli/locale").glob("*/zh_Hans/LC_MESSAGES/django.po"))
        for entry in polib.pofile(str(path))
        if not entry.obsolete
        for text in (entry.msgid, entry.msgid_plural or entry.msgid)
    }


def strings(node: ast.Call) -> list[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    skip = 1 if name.startswith("pgettext") else 0
    values = node.args[skip : skip + CALLS.get(name, 0)]
    return [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def messages() -> dict[str, str]:
    """Message id → where it stands."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "src/linli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= dict.fromkeys(strings(node), str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "src/linli").rglob("templates/**/*.html")):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for call in re.findall(r"""\b(?:n?p?gettext)\(.*?(?=\s(?:X+|n?p?gettext\()|$)""", code, re.DOTALL):
            for text in re.findall(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\"\"\".*?\"\"\")""", call, re.DOTALL):
                found[ast.literal_eval(text)] = str(path.relative_to(ROOT))
    return found


def test_every_message_has_its_chinese_text():
    catalogue, missing = known(), []
    for text, place in messages().items():
        entry = catalogue.get(text)
        words = list(entry.msgstr_plural.values()) if entry and entry.msgstr_plural else [entry.msgstr if entry else ""]
        if text and not all(words):
            missing.append(f"{place}: {text!r}")
    assert len(messages()) > 100, "the extraction finds the messages"
    assert not missing, "\n".join(missing)


def test_chinese_texts_keep_their_placeholders():
    wrong = []
    for text, entry in known().items():
        wanted = set(PLACES.findall(text + (entry.msgid_plural or "")))
        for words in list(entry.msgstr_plural.values()) or [entry.msgstr]:
            if words and not set(PLACES.findall(words)) <= wanted:
                wrong.append(f"{text!r} → {words!r}")
    assert not wrong, "\n".join(wrong)


def test_the_catalogues_are_in_git():
    if not (ROOT / ".git").exists():
        pytest.skip("no git here")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "src/linli/locale"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert ".mo" not in listed
