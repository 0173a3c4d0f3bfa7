"""Accounts, and everybody's own page; route and permission on one line each."""

from django.urls import path

from linli.console.access import me, views
from linli.console.door import page

app_name = "access"
urlpatterns = [
    path("", page(views.index, "access.read", nav="accounts"), name="index"),
    path("new/", page(views.new, "access.manage", nav="accounts"), name="new"),
    path("<int:account_id>/", page(views.detail, "access.read", nav="accounts"), name="detail"),
    path("<int:account_id>/person/", page(views.person, "access.manage", nav="accounts"), name="person"),
    path("<int:account_id>/role/", page(views.role, "access.manage", nav="accounts"), name="role"),
    path("<int:account_id>/closure/", page(views.closure, "access.manage", nav="accounts"), name="closure"),
    path("<int:account_id>/password/", page(views.password, "access.manage", nav="accounts"), name="password"),
    path("<int:account_id>/second-step/", page(views.second_step, "access.manage", nav="accounts"), name="second_step"),
    path("me/", page(me.index, "self.read", nav="me", narrows=True), name="me"),
    path("me/password/", page(me.password, "self.write", nav="me", narrows=True), name="my_password"),
    path("me/second-step/", page(me.second_step, "self.write", nav="me", narrows=True), name="my_second_step"),
    path("me/second-step/removal/", page(me.removal, "self.write", nav="me", narrows=True), name="my_removal"),
    path("me/recovery-codes/", page(me.recovery_codes, "self.write", nav="me", narrows=True), name="my_codes"),
    path("me/sessions/end/", page(me.end_sessions, "self.write", nav="me", narrows=True), name="my_sessions"),
]
