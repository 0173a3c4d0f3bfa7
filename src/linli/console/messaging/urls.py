"""Route and permission on one line each."""

from django.urls import path

from linli.console.door import page
from linli.console.messaging import rules, views

app_name = "sends"
urlpatterns = [
    path("", page(views.index, "messaging.read", nav="sends", narrows=True), name="index"),
    path("rules/", page(rules.index, "messaging.read", nav="sends"), name="rules"),
    path("rules/own/", page(rules.own, "messaging.write", nav="sends"), name="own_rule"),
    path("rules/platform/", page(rules.platform, "messaging.write", nav="sends"), name="platform_rule"),
    path("rules/quiet/", page(rules.quiet, "messaging.write", nav="sends"), name="quiet_rule"),
    path(
        "rules/<str:kind>/<int:rule_id>/take-back/",
        page(rules.take_back, "messaging.write", nav="sends"),
        name="take_back_rule",
    ),
    path("<int:send_id>/", page(views.detail, "messaging.read", nav="sends", narrows=True), name="detail"),
    path("<int:send_id>/draft/", page(views.draft, "messaging.write", nav="sends"), name="draft"),
    path("<int:send_id>/builder/", page(views.change, "messaging.write", nav="sends"), name="builder"),
    path("<int:send_id>/condition/", page(views.condition, "messaging.read", nav="sends"), name="condition"),
    path("<int:send_id>/attachments/", page(views.attachments, "messaging.write", nav="sends"), name="attachments"),
    path("<int:send_id>/phone/", page(views.phone, "messaging.write", nav="sends"), name="phone"),
    path("<int:send_id>/trial/", page(views.trial, "messaging.write", nav="sends"), name="trial"),
    path("<int:send_id>/plan/", page(views.plan, "messaging.write", nav="sends"), name="plan"),
    path("<int:send_id>/revision/", page(views.revision, "messaging.write", nav="sends"), name="revision"),
    path("<int:send_id>/approval/", page(views.approval, "messaging.write", nav="sends"), name="approval"),
    path("<int:send_id>/cancellation/", page(views.cancellation, "messaging.write", nav="sends"), name="cancellation"),
    path("<int:send_id>/reminders/", page(views.reminders, "messaging.write", nav="sends"), name="reminders"),
    path("<int:send_id>/results/", page(views.results, "messaging.write", nav="sends"), name="results"),
    path("<int:send_id>/progress/", page(views.progress, "messaging.read", nav="sends", narrows=True), name="progress"),
]
