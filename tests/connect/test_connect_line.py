"""Connecting a corp: tested at once, refused in words, nothing kept on a refusal."""

import re

import pytest
from django.utils import translation

from linli.access import api as access
from linli.connect import api as connect
from linli.connect.models import CallbackLine, CorpLine
from linli.kit.errors import NotFound
from tests.sandbox.stage import AGENT, CORP, SECRET


def test_wrong_secret_is_refused_in_both_tongues_and_keeps_nothing(transactional_db, stage):
    corp = access.create_corp(wecom_id=CORP, name="x")
    with pytest.raises(connect.NotAccepted) as caught:
        connect.connect_corp(corp_id=corp.id, base_url=stage.hosted.url, agent_id=AGENT, secret="wrong")
    with translation.override("zh-hans"):
        assert "40001" in str(caught.value)
        assert re.search(r"[一-鿿]", str(caught.value))
    with translation.override("en"):
        assert "40001" in str(caught.value)
        assert not re.search(r"[一-鿿]", str(caught.value))
    assert not CorpLine.objects.exists()
    with pytest.raises(NotFound):
        access.open_secret(corp_id=corp.id, name="connect.app")
    with pytest.raises(NotFound):
        connect.client(corp_id=corp.id)


def test_address_that_does_not_answer(transactional_db, stage):
    corp = access.create_corp(wecom_id=CORP, name="x")
    with pytest.raises(connect.NotReached):
        connect.connect_corp(corp_id=corp.id, base_url="http://127.0.0.1:9", agent_id=AGENT, secret=SECRET)
    assert not CorpLine.objects.exists()


def test_check_keeps_how_it_went(line, stage):
    connect.check_line(corp_id=line.id)
    assert connect.line(corp_id=line.id).check_code == 0
    access.seal_secret(corp_id=line.id, name="connect.app", value="wrong")
    with pytest.raises(connect.NotAccepted):
        connect.check_line(corp_id=line.id)
    assert connect.line(corp_id=line.id).check_code == 40001
    assert "40001" in connect.line(corp_id=line.id).check_text


def test_callback_settings_are_made_once_and_fit_wecoms_rules(line):
    first = connect.callback_settings(corp_id=line.id)
    assert re.fullmatch(r"[A-Za-z0-9]{1,32}", first.token)
    assert re.fullmatch(r"[A-Za-z0-9]{43}", first.encoding_aes_key)
    assert connect.callback_settings(corp_id=line.id) == first
    again = connect.callback_settings(corp_id=line.id, anew=True)
    assert again.url != first.url
    assert CallbackLine.objects.filter(corp_id=line.id).count() == 1
    row = CallbackLine.objects.get(corp_id=line.id)
    assert again.token.encode() not in bytes(row.token_sealed)


def test_callback_keys_open_what_the_sandbox_seals(line):
    from linli.wecom.crypto import CallbackCrypto

    made = connect.callback_settings(corp_id=line.id)
    crypto = CallbackCrypto(token=made.token, aes_key=made.encoding_aes_key, receive_id=CORP)
    from wechatpy.enterprise.crypto import WeChatCrypto

    sealed = WeChatCrypto(made.token, made.encoding_aes_key, CORP).encrypt_message(
        "<xml>喂</xml>", "nonce", "1700000000"
    )
    fields = dict(re.findall(r"<(Encrypt|MsgSignature)><!\[CDATA\[(.*?)\]\]>", sealed))
    plain = crypto.decrypt(
        encrypt=fields["Encrypt"], msg_signature=fields["MsgSignature"], timestamp="1700000000", nonce="nonce"
    )
    assert plain.decode() == "<xml>喂</xml>"
