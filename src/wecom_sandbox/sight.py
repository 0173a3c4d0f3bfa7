"""What an app sees of the corp: the departments of its visible range and all below them."""

from wecom_sandbox.corp import Corp
from wecom_sandbox.records import App, User

ROOT = 1


def sees_all(app: App) -> bool:
    """Tell whether the whole corp is in range."""
    return ROOT in app.visible


def sees_party(corp: Corp, app: App, party: int) -> bool:
    """Tell whether a department is in range."""
    return sees_all(app) or any(party in corp.subtree(one) for one in app.visible)


def sees_user(corp: Corp, app: App, user: User) -> bool:
    """Tell whether a member is in range."""
    return sees_all(app) or any(sees_party(corp, app, one) for one in user.department)
