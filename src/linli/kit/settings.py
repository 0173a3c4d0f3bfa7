"""Every setting of Linli in one typed place, read from LINLI_* variables; a wrong value is refused by its name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from linli.kit.errors import BadInput


class WrongSetting(BadInput):
    """A variable holds what Linli cannot use; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an administrator can set. Ports are TCP on `host`; sizes are bytes."""

    data_dir: Path
    database_url: str
    host: str
    console_port: int
    ingress_port: int
    public_url: str
    callback_url: str
    debug: bool
    demo: bool
    language: str
    zone: str
    upload_limit: int
    proxies: int
    secret_key: str = field(repr=False)

    @property
    def master_key_file(self) -> Path:
        return self.data_dir / "master.key"


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
        language=_one_of(env, "LINLI_LANGUAGE", "zh-hans", ("zh-hans", "en")),
        zone=_zone(env, "LINLI_ZONE", "Asia/Shanghai"),
        upload_limit=_number(env, "LINLI_UPLOAD_LIMIT", 200 * 1024 * 1024),
        proxies=_number(env, "LINLI_PROXIES", 0),
        secret_key=env.get("LINLI_SECRET_KEY", ""),
    )


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Root keeps its house under /var/lib, everyone else under their own data directory."""
    if os.geteuid() == 0:
        return Path("/var/lib/linli/main")
    base = env.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "linli" / "main"


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise WrongSetting("wrong_setting", f"{name}={text!r} is not a whole number")
    return int(text)


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


def _url(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name, default)
    if not text.startswith(("http://", "https://")):
        raise WrongSetting("wrong_setting", f"{name}={text!r} must begin with http:// or https://")
    return text.rstrip("/")
