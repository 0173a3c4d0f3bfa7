"""What the control plane may turn: limits, lags and lives."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from wecom_sandbox.errors import ControlError
from wecom_sandbox.shelf_tunables import ShelfTunables

MASS_PERIODS = ("month", "week", "day")
CHARGES = ("add", "chat")


@dataclass
class Tunables(ShelfTunables):
    """Figures that WeCom changes by date or does not publish; the defaults are wire.md's."""

    rate_per_minute: int = 10_000
    token_life_s: float = 7200
    group_lag_s: float = 0.0
    dispatch_s: float = 0.0
    welcome_life_s: float = 20.0
    mass_period: str = "month"
    customer_cap: int = 5000
    room_qr_limit: int = 200
    callback_timeout_s: float = 5.0
    callback_backoff_s: float = 0.2
    reorder_silence_s: float = 0.3
    one_way_after_customer_deletes: bool = False
    private_fields: bool = False

    def change(self, wishes: dict[str, Any]) -> None:
        """Take the named values, all or none."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in wishes.items():
            kind = kinds.get(name)
            if kind is None:
                raise ControlError(400, f"unknown tunable {name!r}")
            numeric = kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool)
            if not numeric and not isinstance(value, kind):
                raise ControlError(400, f"tunable {name!r} takes a {kind.__name__}")
            if numeric and value < 0:
                raise ControlError(400, f"tunable {name!r} cannot be negative")
        if wishes.get("quota_charges", self.quota_charges) not in CHARGES:
            raise ControlError(400, f"quota_charges is one of {', '.join(CHARGES)}")
        if wishes.get("mass_period", self.mass_period) not in MASS_PERIODS:
            raise ControlError(400, f"mass_period is one of {', '.join(MASS_PERIODS)}")
        for name, value in wishes.items():
            setattr(self, name, kinds[name](value))

    def describe(self) -> dict[str, Any]:
        """Every value by name."""
        return asdict(self)
