import pytest

from linli.kit import clock
from tests.insights.world import TODAY, World


@pytest.fixture
def world(corp):
    """An empty shop on 2011-12-11, 9:30 in Shanghai."""
    with clock.frozen(TODAY):
        yield World(corp.id)


@pytest.fixture
def on(world):
    """The ground of that moment; asked again after rows were written."""
    from linli.insights.queries.ground import ground

    return lambda: ground(world.corp_id)


@pytest.fixture
def other_world(world, db):
    """Another corp's rows at the same moment."""
    import uuid

    from linli.access import api as access

    return World(access.create_corp(wecom_id=f"ww{uuid.uuid4().hex[:16]}", name="别家").id)
