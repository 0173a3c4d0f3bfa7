import csv
import json

import pytest

from linli.wecom import errors
from linli.wecom.catalogue import Retry, described, explain
from tests.wecom.support import fixture, sample

A3 = [int(line) for line in sample("a3_codes.txt").split()]


@pytest.mark.parametrize("code", A3)
def test_every_code_of_the_wire_catalogue_is_explained(code):
    meaning = explain(code)
    assert meaning.code == code
    assert meaning.zh
    assert meaning.en
    assert str(code) not in meaning.zh + meaning.en, "a generic meaning"
    assert bool(meaning.admin_zh) == bool(meaning.admin_en)


def test_patience_is_asked_for_where_the_wire_says_so():
    assert {c for c, m in described().items() if m.retry is Retry.AFTER_TOKEN} == {40014, 42001}
    later = {c for c, m in described().items() if m.retry is Retry.LATER}
    assert later == {-1, 6000, 10001, 10002, 10003, 41063, 41078, 41079, 41096, 45009, 45011, 45033, 45035, 830003}


def test_the_administrator_is_told_what_to_do():
    assert "可信IP" in explain(60020).admin_zh
    assert "trusted IPs" in explain(60020).admin_en
    assert explain(41051).admin_zh == ""


def test_codes_that_are_not_described_get_a_generic_meaning():
    known = json.loads(fixture("known_errcode_numbers.json"))["codes"]
    assert len(known) > 1000
    for code in known:
        assert explain(code).zh
    assert explain(123456).en == "WeCom error 123456"
    assert explain(123456).retry is Retry.NEVER


def test_the_table_is_well_formed():
    from importlib.resources import files

    rows = list(
        csv.reader(files("linli.wecom").joinpath("catalogue.tsv").read_text("utf-8").splitlines(), delimiter="\t")
    )
    assert {len(row) for row in rows} == {6}
    assert len(rows) - 1 == len(described())


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (40014, errors.TokenInvalid), (42001, errors.TokenInvalid), (84061, errors.NoCustomers),
        (41050, errors.WelcomeExpired), (41051, errors.WelcomeDelivered), (41096, errors.WelcomeBusy),
        (41093, errors.TaskCancelled), (41094, errors.RemindTooOften), (41063, errors.StillDispatching),
        (-1, errors.RateLimited), (6000, errors.RateLimited), (45009, errors.RateLimited),
        (45033, errors.RateLimited), (45035, errors.RateLimited), (60011, errors.ApiError), (1, errors.ApiError),
    ],
)  # fmt: skip
def test_callers_branch_on_classes(code, kind):
    error = errors.api_error(code, "text", "externalcontact/get")
    assert type(error) is kind
    assert (error.code, error.errmsg, error.endpoint) == (code, "text", "externalcontact/get")
    assert (error.zh, error.en) == (explain(code).zh, explain(code).en)
    assert str(code) in str(error)
