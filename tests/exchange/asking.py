"""What tests of the exchange ask."""

import pytest
from _pytest.raises import RaisesExc

from linli.wecom.errors import ApiError


def refused(code: int) -> RaisesExc[ApiError]:
    """WeCom refuses with this errcode."""
    return pytest.raises(ApiError, check=lambda error: error.code == code)
