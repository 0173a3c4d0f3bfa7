"""And, Or, Not in SQL are what they are for Python's sets; values never become SQL."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kit.clock import frozen
from linli.segments import api
from linli.segments.definition import Added, And, Channel, Definition, Everyone, InSegment, Not, Or, Shop, Tag
from linli.segments.errors import BadDefinition, InUse, NameTaken, NoSegment
from tests.segments import people

PEOPLE = 40


@pytest.fixture
def crowd(corp):
    """Forty customers with random tags, shops and channels, and what each leaf should select."""
    rng = random.Random(7)
    clerk = people.clerk(corp.id, 1)
    crowd = people.customers(corp.id, PEOPLE)
    everyone = {one.id for one in crowd}
    strangers = people.customers(_other_corp(), 5)
    shops = [people.shop(corp.id, n) for n in range(3)]
    for one in crowd:
        one.home_shop_id = rng.choice([None, *(s.id for s in shops)])
        one.channel_state = rng.choice(["", "a", "b'; --"])
        one.save()
    follows = people.follow(corp.id, clerk, crowd)
    tags = people.tags(corp.id, "手冲", "拿铁", "甜")
    sets: dict[Definition, set[int]] = {Everyone(): everyone}
    for tag in tags:
        chosen = rng.sample(follows, 15)
        people.put_tag(corp.id, tag, chosen)
        sets[Tag((tag.id,))] = {one.customer_id for one in chosen}
    first, second, _third = tags
    sets[Tag((first.id, second.id), "all")] = sets[Tag((first.id,))] & sets[Tag((second.id,))]
    sets[Tag((first.id, second.id))] = sets[Tag((first.id,))] | sets[Tag((second.id,))]
    for shop in shops:
        sets[Shop((shop.id,))] = {one.id for one in crowd if one.home_shop_id == shop.id}
    sets[Channel(("b'; --",))] = {one.id for one in crowd if one.channel_state == "b'; --"}
    sets[Added(1)] = {one.id for n, one in enumerate(crowd) if n <= 24}
    assert strangers
    with frozen(people.NOON):
        yield corp, sets


def _other_corp() -> int:
    from linli.access import api as access

    return access.create_corp(wecom_id="wwother", name="别家").id


def in_python(definition: Definition, sets: dict[Definition, set[int]]) -> set[int]:
    match definition:
        case And(parts):
            return set.intersection(sets[Everyone()], *(in_python(part, sets) for part in parts))
        case Or(parts):
            return set().union(*(in_python(part, sets) for part in parts))
        case Not(one):
            return sets[Everyone()] - in_python(one, sets)
        case _:
            return sets[definition]


def trees(leaves: list[Definition]) -> st.SearchStrategy[Definition]:
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: (
            st.builds(And, st.lists(inner, max_size=4).map(tuple))
            | st.builds(Or, st.lists(inner, max_size=4).map(tuple))
            | st.builds(Not, inner)
        ),
        max_leaves=10,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sql_selects_what_python_sets_select(crowd, data):
    corp, sets = crowd
    definition = data.draw(trees(list(sets)))
    expected = in_python(definition, sets)
    assert api.members(corp_id=corp.id, definition=definition) == sorted(expected)
    assert api.count(corp_id=corp.id, definition=definition).count == len(expected)


def test_the_waterfall_ends_at_the_count_and_begins_with_everyone(crowd):
    corp, sets = crowd
    tag = next(one for one in sets if isinstance(one, Tag))
    shop = next(one for one in sets if isinstance(one, Shop))
    steps = api.steps(corp_id=corp.id, definition=And((Not(shop), tag)))
    assert [left for _, left in steps] == [PEOPLE, len(sets[tag]), len(sets[tag] - sets[shop])]
    assert [part for part, _ in steps] == [None, tag, Not(shop)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_no_text_of_a_condition_becomes_sql(crowd, state):
    corp, sets = crowd
    hostile = f"{state}') OR 1=1 --"
    asked = Or((Channel((hostile, "%s", "%")), Channel(("b'; --",))))
    sql, _ = api.select_sql(corp_id=corp.id, definition=asked)
    assert hostile not in sql
    assert set(api.members(corp_id=corp.id, definition=asked)) == sets[Channel(("b'; --",))]


def test_a_count_is_one_query_however_large_the_definition(crowd, django_assert_num_queries):
    corp, sets = crowd
    asked = tuple(one for one in sets if not isinstance(one, Added))  # for days its room asks for the corp's zone
    with django_assert_num_queries(1):
        api.count(corp_id=corp.id, definition=And((Or(asked), Not(And(asked)))))


def test_saved_segments_stand_for_what_they_ask_and_never_for_themselves(crowd):
    corp, sets = crowd
    tag, shop = (next(one for one in sets if isinstance(one, kind)) for kind in (Tag, Shop))
    first = api.create(corp_id=corp.id, name="甲", definition=tag, author="周岚")
    second = api.create(corp_id=corp.id, name="乙", definition=Or((InSegment(first.id), shop)), author="周岚")
    assert set(api.members(corp_id=corp.id, definition=InSegment(second.id))) == sets[tag] | sets[shop]
    with pytest.raises(BadDefinition, match=r"甲|乙"):
        api.change(corp_id=corp.id, segment_id=first.id, name="甲", definition=Not(InSegment(second.id)), author="周岚")
    assert api.segment(corp_id=corp.id, segment_id=first.id).definition == tag
    with pytest.raises(InUse):
        api.delete(corp_id=corp.id, segment_id=first.id, author="周岚")
    with pytest.raises(NoSegment):
        api.count(corp_id=_other_corp(), definition=InSegment(first.id))


def test_names_are_unique_and_a_deletion_can_be_undone(crowd):
    corp, _sets = crowd
    first = api.create(corp_id=corp.id, name="甲", definition=Everyone(), author="周岚")
    with pytest.raises(NameTaken):
        api.create(corp_id=corp.id, name="甲", definition=Everyone(), author="周岚")
    copy = api.duplicate(corp_id=corp.id, segment_id=first.id, author="周岚", suffix="副本")
    assert copy.name == "甲 副本"
    api.delete(corp_id=corp.id, segment_id=first.id, author="周岚")
    with pytest.raises(NoSegment):
        api.segment(corp_id=corp.id, segment_id=first.id)
    api.restore(corp_id=corp.id, segment_id=first.id, author="周岚")
    assert api.segment(corp_id=corp.id, segment_id=first.id).name == "甲"
    changed = api.change(corp_id=corp.id, segment_id=first.id, name="甲", definition=Not(Everyone()), author="王五")
    again = api.change(corp_id=corp.id, segment_id=first.id, name="甲", definition=Not(Everyone()), author="李四")
    assert (changed.version, again.version, again.author) == (2, 2, "王五")


def test_a_snapshot_keeps_who_was_in(crowd):
    from linli.segments import operations, queries

    corp, sets = crowd
    tag = next(one for one in sets if isinstance(one, Tag))
    saved = api.create(corp_id=corp.id, name="甲", definition=tag, author="")
    run = operations.recount(corp.id, saved.id, keep_members=True)
    assert set(queries.snapshot(corp.id, run.pk)) == sets[tag]
    assert run.count == len(sets[tag])
