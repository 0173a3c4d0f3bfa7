"""A definition's JSON: read strictly, written back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.segments.definition import (
    LEAVES,
    MAX_DEPTH,
    MAX_NODES,
    RFM_SEGMENTS,
    Added,
    And,
    Channel,
    Everyone,
    Frequency,
    GroupMember,
    InSegment,
    LastPurchase,
    Not,
    Or,
    Reached,
    Rfm,
    Shop,
    Spend,
    SuperUser,
    Tag,
    parse,
    to_json,
)
from linli.segments.errors import BadDefinition

ids = st.lists(st.integers(1, 2**62), min_size=1, max_size=4, unique=True).map(tuple)
days = st.integers(1, 36_500)
amount = st.decimals(0, 10**6, places=2).map(str)
leaves = st.one_of(
    st.just(Everyone()),
    st.builds(Tag, ids, st.sampled_from(["any", "all"])),
    st.builds(
        Channel,
        st.lists(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=9),
            min_size=1,
            max_size=3,
            unique=True,
        ).map(tuple),
    ),
    st.builds(Shop, ids),
    st.sampled_from([GroupMember("any"), GroupMember("none"), GroupMember("in", (3,))]),
    st.builds(LastPurchase, st.sampled_from(["within", "before"]), days),
    st.builds(Frequency, st.just("lines"), st.integers(0, 99), st.none(), st.none() | days),
    st.builds(Spend, amount, st.none() | amount, st.none() | days),
    st.builds(Rfm, st.lists(st.sampled_from(RFM_SEGMENTS), min_size=1, unique=True).map(tuple)),
    st.sampled_from([SuperUser("super"), SuperUser("near")]),
    st.builds(Added, days),
    st.builds(Reached, days),
    st.builds(InSegment, st.integers(1, 9)),
)
definitions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(And, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Not, inner)
    ),
    max_leaves=6,
)


def depth(node: object) -> int:
    match node:
        case And(parts) | Or(parts):
            return 1 + max((depth(part) for part in parts), default=0)
        case Not(one):
            return 1 + depth(one)
        case _:
            return 1


@given(definitions)
def test_json_is_read_back_to_the_same_value_or_refused_for_its_depth(definition):
    data = to_json(definition)
    if depth(definition) <= MAX_DEPTH:
        assert parse(data) == definition
    else:
        with pytest.raises(BadDefinition, match="definition"):
            parse(data)


def test_every_leaf_is_covered_here():
    assert {type(one).kind for one in (
        Everyone(), Tag((1,)), Channel(("x",)), Shop((1,)), GroupMember("any"), LastPurchase("never"), Frequency(min=1),
        Spend(min="1"), Rfm(("at_risk",)), SuperUser(), Added(1), Reached(1), InSegment(1),
    )} == set(LEAVES)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ("text", "definition"),
        (None, "definition"),
        ({"kind": "sql"}, "definition"),
        ({"kind": ["tag"]}, "definition"),
        ({"kind": "tag"}, "definition.tag_ids"),
        ({"kind": "tag", "tag_ids": []}, "definition.tag_ids"),
        ({"kind": "tag", "tag_ids": ["1"]}, "definition.tag_ids[0]"),
        ({"kind": "tag", "tag_ids": [True]}, "definition.tag_ids[0]"),
        ({"kind": "tag", "tag_ids": [2**63]}, "definition.tag_ids[0]"),
        ({"kind": "tag", "tag_ids": [1], "match": "none"}, "definition.match"),
        ({"kind": "tag", "tag_ids": [1], "sql": "1"}, "definition"),
        ({"kind": "and", "all": {}}, "definition.all"),
        ({"kind": "and", "all": [], "any": []}, "definition"),
        (
            {"kind": "and", "all": [{"kind": "or", "any": [{"kind": "reached", "days": 0}]}]},
            "definition.all[0].any[0].days",
        ),
        ({"kind": "not"}, "definition.one"),
        ({"kind": "spend", "min": 5}, "definition.min"),
        ({"kind": "spend", "min": "1; DROP TABLE access_corp"}, "definition.min"),
        ({"kind": "spend", "min": "1e9"}, "definition.min"),
        ({"kind": "spend", "min": "٣"}, "definition.min"),
        ({"kind": "spend"}, "definition"),
        ({"kind": "added", "since": "2011-13-01"}, "definition.since"),
        ({"kind": "added", "since": "20111201"}, "definition.since"),
        ({"kind": "added"}, "definition"),
        ({"kind": "group_member", "mode": "in"}, "definition"),
        ({"kind": "last_purchase", "op": "before"}, "definition"),
        ({"kind": "channel", "states": ["a\x00b"]}, "definition.states[0]"),
        ({"kind": "rfm", "segments": ["rich"]}, "definition.segments[0]"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data, path):
    with pytest.raises(BadDefinition) as caught:
        parse(data)
    assert caught.value.path == path
    assert len(str(caught.value.message)) > 4


def test_too_many_conditions_are_refused_before_they_cost_anything():
    leaf = {"kind": "everyone"}
    assert parse({"kind": "and", "all": [leaf] * (MAX_NODES - 1)})
    with pytest.raises(BadDefinition, match=str(MAX_NODES)):
        parse({"kind": "and", "all": [leaf] * MAX_NODES})


def test_too_deep_is_refused():
    data = {"kind": "everyone"}
    for _ in range(MAX_DEPTH):
        data = {"kind": "not", "one": data}
    with pytest.raises(BadDefinition, match=str(MAX_DEPTH)):
        parse(data)
