"""The password field and what a password may be."""

import re

import pytest

from linli.access import api as access
from linli.access.models import Account


@pytest.mark.parametrize(
    "password", ["  spaces stay  ", "口令可以是中文的句子", "x" * 200, "Case Matters ÄÖ 👩‍💻", "'\"<>;--"]
)
def test_a_password_is_taken_exactly_as_it_is_typed(client, corp, password):
    access.create_administrator(corp_id=corp.id, username="a", password=password)
    assert client.post("/sign-in", {"username": "a", "password": password}).status_code == 302
    for other in (
        password.strip() if password != password.strip() else password + " ",
        password[:-1],
        password.swapcase(),
    ):
        if other != password:
            client.logout()
            assert client.post("/sign-in", {"username": "a", "password": other}).status_code == 403


def test_the_field_hides_the_password_and_lets_a_manager_fill_it(client, db):
    page = client.get("/sign-in").text
    field = re.search(r"<input[^>]*name=\"password\"[^>]*>", page).group()
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page
    assert "maxlength" not in field


def test_a_wrong_name_and_a_wrong_password_answer_alike(client, corp):
    access.create_administrator(corp_id=corp.id, username="a", password="a long pass phrase")
    wrong = [client.post("/sign-in", {"username": name, "password": "no"}) for name in ("a", "b")]
    pages = [re.sub(r'value="[^"]*"', "", one.text) for one in wrong]
    assert wrong[0].status_code == wrong[1].status_code == 403
    assert pages[0] == pages[1]


def test_signing_out_clears_the_browser(console):
    assert console.post("/sign-out").headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'


def test_a_password_is_kept_by_argon2id_and_nothing_faster(client, corp, settings):
    """The memory and time are at least what OWASP's cheat sheet of password storage asks for: 19 MiB, 2 passes."""
    access.create_administrator(corp_id=corp.id, username="a", password="a long pass phrase")
    kept = Account.objects.get(username="a").password
    memory, passes, _lanes = map(int, re.match(r"argon2\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", kept).groups())
    assert (memory >= 19 * 1024, passes >= 2) == (True, True)
    assert len(settings.PASSWORD_HASHERS) == 1, "a faster one would be taken for rows that name it"
    Account.objects.filter(username="a").update(password=f"plain$${'a long pass phrase'}")
    assert client.post("/sign-in", {"username": "a", "password": "a long pass phrase"}).status_code == 403
