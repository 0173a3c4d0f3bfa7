"""Route and permission on one line each."""

from django.urls import path

from linli.console.connect import comparing, views
from linli.console.door import page

app_name = "connect"
urlpatterns = [
    path("", page(views.index, "connect.manage", nav="connection"), name="index"),
    path("line/", page(views.line, "connect.manage", nav="connection"), name="line"),
    path("check/", page(views.check, "connect.manage", nav="connection"), name="check"),
    path("callback/", page(views.callback, "connect.manage", nav="connection"), name="callback"),
    path("shops/", page(views.shops, "connect.manage", nav="connection"), name="shops"),
    path("shops/import/", page(views.shop_import, "connect.manage", nav="connection"), name="shop_import"),
    path("runs/", page(views.runs, "connect.read", nav="connection"), name="runs"),
    path("runs/<int:run_id>/stop/", page(views.stop, "connect.write", nav="connection"), name="stop"),
    path("compared/", page(comparing.index, "connect.read", nav="connection"), name="comparing"),
    path("compared/live/", page(comparing.live, "connect.read", nav="connection"), name="comparing_live"),
    path(
        "compared/<int:reconciliation_id>/again/",
        page(comparing.again, "connect.write", nav="connection"),
        name="compare_again",
    ),
    path("compared/start/", page(comparing.start, "connect.write", nav="connection"), name="compare"),
    path(
        "compared/<int:reconciliation_id>/stop/",
        page(comparing.stop, "connect.write", nav="connection"),
        name="compare_stop",
    ),
]
