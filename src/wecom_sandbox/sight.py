"""What an app sees of the corp: the departments of its visible range and all below them, and the events about those."""

from wecom_sandbox.callbacks.events import Event
from wecom_sandbox.corp import Corp
from wecom_sandbox.records import App, User

ROOT = 1
CUSTOMER_CONTACT = ("change_external_", "customer_acquisition")


def sees_all(app: App) -> bool:
    """Tell whether the whole corp is in range."""
    return ROOT in app.visible


def parties_seen(corp: Corp, app: App) -> set[int] | None:
    """Collect the departments in range; None is all of them."""
    return None if sees_all(app) else {party for one in app.visible for party in corp.subtree(one)}


def sees_party(corp: Corp, app: App, party: int) -> bool:
    """Tell whether a department is in range."""
    return sees_all(app) or any(party in corp.subtree(one) for one in app.visible)


def sees_user(corp: Corp, app: App, user: User) -> bool:
    """Tell whether a member is in range."""
    return sees_all(app) or any(sees_party(corp, app, one) for one in user.department)


def hears(corp: Corp, app: App, event: Event) -> bool:
    """Tell whether an app is told of an event.

    The contact-sync helper hears of contacts and nothing else does (wire.md B); of customers, who may call for them, about
    members in range.
    """
    kind = event.kind
    if kind.startswith("change_contact") or app.contacts:
        return app.contacts and kind.startswith("change_contact")
    if kind.startswith(CUSTOMER_CONTACT) and not app.callable:
        return False
    if sees_all(app):
        return True
    group = corp.groups.get(event.value("ChatId"))
    userid = group.owner if group else event.value("UserID")
    user = corp.users.get(userid) or corp.departed.get(userid)
    return user is None or sees_user(corp, app, user)
