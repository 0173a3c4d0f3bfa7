"""Settings of the corp: who it is, and the keys of its API."""

from django.urls import path

from linli.console.door import page
from linli.console.settings import doctor, views

app_name = "settings"
urlpatterns = [
    path("", page(views.index, "access.read", nav="settings"), name="index"),
    path("doctor", page(doctor.page, "access.manage", nav="doctor"), name="doctor"),
    path("doctor/findings", page(doctor.findings, "access.manage", nav="doctor"), name="findings"),
    path("keys", page(views.create_key, "access.manage", nav="settings"), name="create_key"),
    path("keys/<int:key_id>/revocation", page(views.revoke_key, "access.manage", nav="settings"), name="revoke_key"),
]
