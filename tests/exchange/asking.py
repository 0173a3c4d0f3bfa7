"""What tests of the exchange ask."""

import pytest
from _pytest.raises import RaisesExc

from linli.wecom.errors import ApiError
from tests.sandbox.stage import Stage

DAY = 86_400


def refused(code: int) -> RaisesExc[ApiError]:
    """WeCom refuses with this errcode."""
    return pytest.raises(ApiError, check=lambda error: error.code == code)


def pass_days(stage: Stage, days: int = 1) -> None:
    """Let the sandbox's clock go on."""
    stage.control("clock", {"advance": days * DAY, "force": True})
