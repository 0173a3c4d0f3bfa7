"""A wrong setting is refused at start, by its name; secrets are sealed to their place."""

import os

import pytest

from linli.kit.sealing import SealBroken, Sealer, load_master_key
from linli.kit.settings import WrongSetting, read_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [("LINLI_CONSOLE_PORT", "http"), ("LINLI_CONSOLE_PORT", "70000"), ("LINLI_DEBUG", "yes"),
     ("LINLI_LANGUAGE", "fr"), ("LINLI_PUBLIC_URL", "linli.example"), ("LINLI_UPLOAD_LIMIT", "-1"), ("LINLI_NIGHTLY_AT", "25:00")],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_its_name(name, value):
    with pytest.raises(WrongSetting, match=name):
        read_settings({name: value, "HOME": "/tmp"})


def test_a_sealed_secret_opens_only_in_its_own_place_and_under_its_own_key():
    sealer = Sealer(os.urandom(32))
    sealed = sealer.seal(b"app secret", place="access.secret:1:app")
    assert b"app secret" not in sealed
    assert sealer.open(sealed, place="access.secret:1:app") == b"app secret"
    with pytest.raises(SealBroken):
        sealer.open(sealed, place="access.secret:2:app")
    with pytest.raises(SealBroken):
        Sealer(os.urandom(32)).open(sealed, place="access.secret:1:app")


def test_the_master_key_is_made_once_and_readable_only_by_its_owner(tmp_path):
    path = tmp_path / "house" / "master.key"
    key = load_master_key(path)
    assert load_master_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["LINLI_PUBLIC_URL", "LINLI_CALLBACK_URL"])
def test_plain_http_does_not_leave_the_house(name):
    for shut in ("http://linli.example.com", "http://119.147.6.1:8600", "http://[2400:3200::1]"):
        with pytest.raises(WrongSetting, match=f"{name}.*https"):
            read_settings({name: shut, "HOME": "/tmp"})
    for fine in ("https://linli.example.com", "http://127.0.0.1:8600", "http://localhost", "http://192.168.1.5:8600", "http://[::1]:1",
                 "http://linli", "http://linli.local", "http://0.0.0.0:8600"):  # fmt: skip
        read_settings({name: fine, "HOME": "/tmp"})


def test_the_first_administrators_name_is_nobodys_default(db, tmp_path, monkeypatch, capsys):
    from linli.access.models import Account
    from linli.project.house import first_administrator

    monkeypatch.setenv("LINLI_DATA_DIR", str(tmp_path))
    names = []
    for _ in range(2):
        name, password = first_administrator()
        assert (tmp_path / "first-sign-in").read_text() == f"{name} {password}\n"
        assert password not in capsys.readouterr().out
        assert first_administrator() is None, "somebody is there"
        names.append(Account.objects.get().username)
        Account.objects.all().delete()
    assert len(set(names)) == 2
    assert not {"admin", "root", "administrator", "sa", "linli"} & set(names)


def test_a_sandbox_stands_in_for_wecom_in_the_demo_alone():
    given = {"LINLI_SANDBOX": "http://127.0.0.1:8700"}
    assert read_settings({**given, "LINLI_DEMO": "1"}).stand_in == "http://127.0.0.1:8700"
    assert read_settings(given).stand_in == read_settings({"LINLI_DEMO": "1"}).stand_in == ""
