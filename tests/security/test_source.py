"""What can be read from the source and the routes: no shell, no eval, every route with its permission, nothing leaks."""

import ast
import csv
import re
from pathlib import Path

from tests.security.test_security_answers import console_routes, written

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {"eval", "exec", "compile", "__import__"}


def test_no_shell_no_eval_no_pickle():
    wrong = []
    for path in sorted((ROOT / "src/linli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                shell = any(one.arg == "shell" and getattr(one.value, "value", False) for one in node.keywords)
                if name in FORBIDDEN or shell or ast.unparse(node.func) in {"os.system", "os.popen", "mark_safe"}:
                    wrong.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                if names & {"pickle", "marshal", "shelve"}:
                    wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


def test_every_console_route_names_its_permission():
    """A route of the console is wrapped by console.door.page, with the permission on its line."""
    wrong, right = [], 0
    for path in sorted((ROOT / "src/linli/console").glob("*/urls.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "path":
                ok = re.match(r"page\([\w.]+, '[a-z_]+\.(read|write|reveal|manage)'", ast.unparse(node.args[1]))
                right += bool(ok)
                wrong += [] if ok else [f"{path.parent.name}: {ast.unparse(node)}"]
    assert wrong == []
    assert right > 60


def test_no_source_control_is_served(client):
    for address in (
        "/.git/config",
        "/static/.git/config",
        "/static/../pyproject.toml",
        "/static/%2e%2e/settings.py",
        "/.env",
    ):
        assert client.get(address).status_code == 404, address


def test_no_secret_travels_in_an_address():
    """No route takes a secret or an identifier of a person as part of its address."""
    named = re.compile(r"token|secret|password|unionid|external|mobile")
    taken = {name for one in written() for name in re.findall(r"<(?:\w+:)?(\w+)>", one)}
    assert not any(named.search(name) for name in taken)
    made_anew = {"/accounts/1/password/", "/accounts/me/password/"}  # a new one comes by POST or is shown once
    assert {one for one in console_routes() if named.search(one)} == made_anew


def test_the_record_holds_every_requirement_of_level_1(shared):
    with (shared / "asvs/asvs-5.0.0-en.csv").open(encoding="utf-8-sig", newline="") as file:
        wanted = [row["req_id"] for row in csv.DictReader(file) if row["L"] == "1"]
    text = (ROOT / "docs/security/asvs.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (V[\d.]+) \|", text, re.MULTILINE) == wanted


WEAK = {  # file → why a weak hash may stand there
    "wecom/crypto.py": "WeCom's protocol fixes SHA-1 for its callbacks; a secret token is inside",
    "wecom/media_calls.py": "WeCom compares the MD5 of a file that it fetches itself; guards nothing of ours",
    "archive/fetching.py": "WeCom names the MD5 of an archived file; it shows whether all pieces came, and guards nothing",
    "wecom/jssdk.py": "the JS-SDK's signature is SHA-1 of a ticket by WeCom's protocol",
    "access/second_step.py": "authenticator apps know HMAC-SHA-1 (RFC 6238), which is sound",
    "commerce/sql/staging_group.sql": "sees that an order came again unchanged; guards nothing",
}


def test_a_weak_hash_guards_nothing():
    found = set()
    for path in (ROOT / "src/linli").rglob("*"):
        if path.suffix in {".py", ".sql"} and "migrations" not in path.parts:
            text = re.sub(r"#.*|--.*", "", path.read_text(encoding="utf-8"))
            if re.search(r"(?i)\b(md5|sha-?1|md4|ripemd|hashes\.SHA1)\b", text):
                found.add(str(path.relative_to(ROOT / "src/linli")))
    assert found == set(WEAK)


def test_every_component_is_pinned_and_has_a_time_frame():
    import tomllib

    lock = (ROOT / "requirements.lock").read_text().split()
    assert all(re.fullmatch(r"[a-z0-9.\[\],_-]+==[^=*]+", one) for one in lock if not one.startswith("#")), lock
    pinned = {one.partition("==")[0].partition("[")[0] for one in lock}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[~=<>\[]", one)[0].lower() for one in project["dependencies"]}
    assert wanted <= pinned
    frames = (ROOT / "docs/security/updates.md").read_text()
    watched = re.search(r"because they read what strangers send: (.*?)\n\n", frames, re.DOTALL).group(1)
    assert set(re.findall(r"`([a-z0-9-]+)`", watched)) <= pinned
    assert [int(days) for days in re.findall(r"\| (?:\w+ ){0,4}?(\d+) days", frames)] == [3, 14, 30, 90]
