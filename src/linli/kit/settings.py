"""Every setting of Linli in one typed place, read from LINLI_* variables; a wrong value is refused by its name."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from linli.kit.addresses import Network, is_open, networks
from linli.kit.errors import BadInput

# Months that tables in monthly partitions are kept, by kind; 0 keeps them for ever. The inbox is needed to look into what
# went wrong, facts are the timeline and the replay of everything, recipients are what effects are reckoned from, the archive holds
# what people said.
KEEP_MONTHS = {"inbox": 3, "facts": 0, "recipients": 24, "audit": 0, "archive": 12}

CONSOLE_THREADS = 4  # that answer requests, in the one process of the console


class WrongSetting(BadInput):
    """A variable holds what Linli cannot use; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an administrator can set. Ports are TCP on `host`; sizes are bytes; `_s` are seconds; `backup_at` is HH:MM in
    `zone`, "" for never."""

    data_dir: Path
    database_url: str
    host: str
    console_port: int
    ingress_port: int
    public_url: str
    callback_url: str
    debug: bool
    demo: bool
    stand_in: str  # where the demo's sandbox plays WeCom, "" for a real house
    language: str
    zone: str
    upload_limit: int
    hang_limit_s: int
    nightly_at: time
    backup_dir: Path
    backup_at: str
    backup_keep: int
    migration_timeout_s: int
    fsync: bool
    keep_months: Mapping[str, int]
    archive_library: str
    archive_file_limit: int
    proxies: int
    private_networks: tuple[Network, ...]
    secret_key: str = field(repr=False)

    @property
    def master_key_file(self) -> Path:
        return self.data_dir / "master.key"

    @property
    def patience_s(self) -> int:
        """How long one thing may take that others do not wait for: a statement of a subscriber or a page; 0 for ever."""
        return 5 * self.hang_limit_s


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; raises WrongSetting naming the variable."""
    data_dir = Path(env.get("LINLI_DATA_DIR") or default_data_dir(env))
    host = env.get("LINLI_HOST", "127.0.0.1")
    console_port = _port(env, "LINLI_CONSOLE_PORT", 8600)
    ingress_port = _port(env, "LINLI_INGRESS_PORT", 8601)
    if console_port == ingress_port:
        raise WrongSetting("wrong_setting", f"LINLI_INGRESS_PORT={ingress_port} is the console's port as well")
    return Settings(
        data_dir=data_dir,
        database_url=env.get("DATABASE_URL", ""),
        host=host,
        console_port=console_port,
        ingress_port=ingress_port,
        public_url=_url(env, "LINLI_PUBLIC_URL", f"http://{host}:{console_port}"),
        callback_url=_url(env, "LINLI_CALLBACK_URL", f"http://{host}:{ingress_port}"),
        debug=_flag(env, "LINLI_DEBUG"),
        demo=_flag(env, "LINLI_DEMO"),
        stand_in=_url(env, "LINLI_SANDBOX", "") if env.get("LINLI_SANDBOX") and _flag(env, "LINLI_DEMO") else "",
        language=_one_of(env, "LINLI_LANGUAGE", "zh-hans", ("zh-hans", "en")),
        zone=_zone(env, "LINLI_ZONE", "Asia/Shanghai"),
        upload_limit=_number(env, "LINLI_UPLOAD_LIMIT", 200 * 1024 * 1024),
        hang_limit_s=_number(env, "LINLI_HANG_LIMIT", 60),
        nightly_at=_time(env, "LINLI_NIGHTLY_AT", "03:30"),
        backup_dir=Path(env.get("LINLI_BACKUP_DIR") or data_dir.with_name(f"{data_dir.name}-backups")),
        backup_at=_hour(env, "LINLI_BACKUP_AT"),
        backup_keep=max(1, _number(env, "LINLI_BACKUP_KEEP", 7)),
        migration_timeout_s=_number(env, "LINLI_MIGRATION_TIMEOUT_S", 900),
        fsync=_one_of(env, "LINLI_FSYNC", "1", ("0", "1")) == "1",  # off in tests only: doctor calls it a fault
        keep_months=_keep_months(env),
        archive_library=env.get("LINLI_ARCHIVE_LIBRARY", ""),
        archive_file_limit=_number(env, "LINLI_ARCHIVE_FILE_LIMIT", 20 * 1024 * 1024),
        proxies=_number(env, "LINLI_PROXIES", 0),
        private_networks=_networks(env),
        secret_key=env.get("LINLI_SECRET_KEY", ""),
    )


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Root keeps its house under /var/lib, everyone else under their own data directory."""
    if os.geteuid() == 0:
        return Path("/var/lib/linli/main")
    base = env.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "linli" / "main"


def _keep_months(env: Mapping[str, str]) -> dict[str, int]:
    """The demo's clock runs through a year in minutes, and its story is looked at for long: it drops nothing unasked."""
    demo = env.get("LINLI_DEMO") == "1"
    return {
        kind: _number(env, f"LINLI_KEEP_{kind.upper()}_MONTHS", 0 if demo else n) for kind, n in KEEP_MONTHS.items()
    }


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise WrongSetting("wrong_setting", f"{name}={text!r} is not a whole number")
    return int(text)


def _hour(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "")
    if text and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise WrongSetting("wrong_setting", f"{name}={text!r} is not a time of day such as 03:30")
    return text


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    number = _number(env, name, default)
    if not 0 < number < 65536:
        raise WrongSetting("wrong_setting", f"{name}={number} is not a TCP port (1-65535)")
    return number


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "0")
    if text not in {"0", "1"}:
        raise WrongSetting("wrong_setting", f"{name}={text!r}: write 0 or 1")
    return text == "1"


def _one_of(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    text = env.get(name, default)
    if text not in allowed:
        raise WrongSetting("wrong_setting", f"{name}={text!r}: one of {', '.join(allowed)}")
    return text


def _zone(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name, default)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongSetting("wrong_setting", f"{name}={text!r} is not a time zone such as Asia/Shanghai") from error
    return text


def _time(env: Mapping[str, str], name: str, default: str) -> time:
    text = env.get(name, default)
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise WrongSetting("wrong_setting", f"{name}={text!r} is not a time of day such as 03:30")
    return time(int(found[1]), int(found[2]))


def _url(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name, default)
    if not text.startswith(("http://", "https://")):
        raise WrongSetting("wrong_setting", f"{name}={text!r} must begin with http:// or https://")
    if text.startswith("http://") and not _stays_inside(urlsplit(text).hostname or ""):
        raise WrongSetting(
            "wrong_setting",
            f"{name}={text!r} would carry passwords over the internet in the clear: put a proxy with a certificate before Linli"
            " and write its https address here (plain http is for this machine and private networks)",
        )
    return text.rstrip("/")


def _stays_inside(host: str) -> bool:
    """A private address, this machine, or a name that no DNS of the internet knows."""
    try:
        return not is_open(host, ())
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".lan", ".internal", ".home.arpa", ".test"))


def _networks(env: Mapping[str, str]) -> tuple[Network, ...]:
    """The demo's WeCom is a sandbox on this machine."""
    name = "LINLI_PRIVATE_NETWORKS"
    text = env.get(name, "127.0.0.0/8,::1" if env.get("LINLI_DEMO") == "1" else "")
    try:
        return networks(text)
    except ValueError as error:
        raise WrongSetting(
            "wrong_setting", f"{name}={text!r}: networks such as 10.1.0.0/16, by commas ({error})"
        ) from None
