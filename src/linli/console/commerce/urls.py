"""Route and permission on one line each."""

from django.urls import path

from linli.console.commerce import imports, views
from linli.console.door import page

app_name = "commerce"
urlpatterns = [
    path("", page(views.index, "commerce.read", nav="orders", narrows=True), name="index"),
    path("<int:order_id>/", page(views.order, "commerce.read", nav="orders", narrows=True), name="order"),
    path("refunds/<int:refund_id>/", page(views.refund, "commerce.read", nav="orders", narrows=True), name="refund"),
    path("imports/", page(imports.index, "imports.read", nav="orders"), name="imports"),
    path("imports/<int:run_id>/", page(imports.detail, "imports.read", nav="orders"), name="import"),
    path("imports/<int:run_id>/preview/", page(imports.preview, "imports.write", nav="orders"), name="preview"),
    path("imports/<int:run_id>/start/", page(imports.start, "imports.write", nav="orders"), name="start"),
    path("imports/<int:run_id>/progress/", page(imports.progress, "imports.read", nav="orders"), name="progress"),
    path("imports/<int:run_id>/cancel/", page(imports.cancel, "imports.write", nav="orders"), name="cancel"),
    path("imports/<int:run_id>/problems.csv", page(imports.problems, "imports.read", nav="orders"), name="problems"),
]
