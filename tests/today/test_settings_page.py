"""API keys: shown once, listed, revoked, and never another corp's."""

import re

import pytest

from linli.access import api as access
from linli.kit.errors import NotFound

pytestmark = pytest.mark.django_db


def make(console, name="收银系统"):
    answer = console.post("/settings/keys", {"name": name, "scopes": ["orders.write"]})
    assert answer.status_code == 200
    return re.search(r'id="new-key">(lk_[\w-]+)<', answer.content.decode()).group(1)


def test_a_key_is_shown_once_and_works(console, corp):
    key = make(console)
    found = access.authenticate_api_key(key=key)
    assert (found.corp_id, found.name, found.scopes) == (corp.id, "收银系统", frozenset({"orders.write"}))
    text = console.get("/settings/").content.decode()
    assert "收银系统" in text
    assert key not in text


def test_a_revoked_key_is_refused(console, corp):
    key = make(console)
    (row,) = access.api_keys(corp_id=corp.id)
    console.post(f"/settings/keys/{row.id}/revocation")
    assert access.authenticate_api_key(key=key) is None
    (row,) = access.api_keys(corp_id=corp.id)
    first = row.revoked_at
    assert first is not None
    access.revoke_api_key(corp_id=corp.id, key_id=row.id)
    assert access.api_keys(corp_id=corp.id)[0].revoked_at == first


def test_another_corps_key_is_not_there(console, corp):
    other = access.create_corp(wecom_id="ww-other", name="别家")
    key = access.create_api_key(corp_id=other.id, name="别家的", scopes=["orders.write"])
    (row,) = access.api_keys(corp_id=other.id)
    with pytest.raises(NotFound):
        access.revoke_api_key(corp_id=corp.id, key_id=row.id)
    assert access.authenticate_api_key(key=key) is not None
    assert "别家的" not in console.get("/settings/").content.decode()


@pytest.mark.parametrize(
    "given", [{"name": "", "scopes": ["orders.write"]}, {"name": "x"}, {"name": "x", "scopes": ["all"]}]
)
def test_a_key_without_name_or_with_wrong_rights_is_not_made(console, corp, given):
    answer = console.post("/settings/keys", given)
    assert answer.status_code == 422
    assert access.api_keys(corp_id=corp.id) == []


def test_keys_are_not_made_by_looking(console, client, corp):
    assert console.get("/settings/keys").status_code == 405
    assert access.api_keys(corp_id=corp.id) == []


def test_the_page_names_corp_and_zone(console, corp):
    text = console.get("/settings/").content.decode()
    assert corp.wecom_id in text
    assert "Asia/Shanghai" in text
