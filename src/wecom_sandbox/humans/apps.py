"""What the admin console says of an app: whom it sees, from where it calls, whether it may do customer contact, or is stopped."""

import ipaddress

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import App, Json


def admin_sets_app(script: Script) -> Json:
    """An admin changes what is named: `visible`, `trusted_ips`, `callable`, `stopped`."""
    app = script.corp.apps.get(script.wishes.get("agentid", -1))
    if app is None:
        raise ControlError(404, f"no app {script.wishes.get('agentid')!r}")
    set_app(script.corp, app, script.wishes)
    return {
        "visible": app.visible, "trusted_ips": app.trusted, "callable": app.callable, "stopped": app.stopped,
        "domain": app.domain,
    }  # fmt: skip


def set_app(corp: Corp, app: App, wishes: Json) -> None:
    """Take the named settings, all or none."""
    visible, trusted = wishes.get("visible", app.visible), wishes.get("trusted_ips", app.trusted)
    if not isinstance(visible, list) or not visible or any(one not in corp.departments for one in visible):
        raise ControlError(400, "visible is a list of departments")
    if not isinstance(trusted, list):
        raise ControlError(400, "trusted_ips is a list of addresses and networks")
    try:
        networks = [str(ipaddress.ip_network(str(one), strict=False)) for one in trusted]
    except ValueError as error:
        raise ControlError(400, f"trusted_ips: {error}") from error
    flags = {name: wishes.get(name, getattr(app, name)) for name in ("callable", "stopped")}
    if any(not isinstance(value, bool) for value in flags.values()):
        raise ControlError(400, "callable and stopped are true or false")
    domain = wishes.get("domain", app.domain)
    if not isinstance(domain, str):
        raise ControlError(400, "domain is a host, with its port where it has one")
    app.visible, app.trusted, app.domain = visible, networks, domain
    app.callable, app.stopped = flags["callable"], flags["stopped"]
