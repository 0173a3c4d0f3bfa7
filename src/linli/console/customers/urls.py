"""Route and permission on one line each."""

from django.urls import path

from linli.console.customers import views
from linli.console.door import page

app_name = "customers"
urlpatterns = [
    path("", page(views.index, "customers.read", nav="customers", narrows=True), name="index"),
    path("<int:customer_id>/", page(views.detail, "customers.read", nav="customers", narrows=True), name="detail"),
    path(
        "<int:customer_id>/timeline/",
        page(views.timeline, "customers.read", nav="customers", narrows=True),
        name="timeline",
    ),
    path(
        "<int:customer_id>/consent/",
        page(views.consent, "customers.write", nav="customers", narrows=True),
        name="consent",
    ),
]
