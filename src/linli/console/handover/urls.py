"""Route and permission on one line each."""

from django.urls import path

from linli.console.door import page
from linli.console.handover import away, listing, planning, views

app_name = "handover"
urlpatterns = [
    path("", page(views.index, "handover.read", nav="handovers", narrows=True), name="index"),
    path("who/", page(listing.who, "handover.read", nav="handovers", narrows=True), name="who"),
    path("who/file/", page(listing.file, "handover.read", nav="handovers", narrows=True), name="file"),
    path("unassigned/", page(listing.unassigned, "handover.read", nav="handovers", narrows=True), name="unassigned"),
    path("unassigned/reading/", page(listing.reading, "handover.write", nav="handovers"), name="reading"),
    path("away/", page(away.away, "handover.read", nav="handovers"), name="away"),
    path("away/<int:staff_id>/left/", page(away.left, "handover.write", nav="handovers"), name="left"),
    path("away/<int:staff_id>/same/", page(away.same, "access.manage", nav="handovers"), name="same"),
    path("rule/", page(planning.rule, "handover.read", nav="handovers"), name="rule"),
    path("new/", page(planning.new, "handover.write", nav="handovers"), name="new"),
    path("new/preview/", page(planning.preview, "handover.write", nav="handovers"), name="preview"),
    path("<int:handover_id>/", page(views.detail, "handover.read", nav="handovers", narrows=True), name="detail"),
    path(
        "<int:handover_id>/progress/",
        page(views.progress, "handover.read", nav="handovers", narrows=True),
        name="progress",
    ),
    path("<int:handover_id>/start/", page(views.start, "handover.write", nav="handovers"), name="start"),
    path("<int:handover_id>/stop/", page(views.stop, "handover.write", nav="handovers"), name="stop"),
    path("<int:handover_id>/dismissal/", page(views.dismissal, "handover.write", nav="handovers"), name="dismissal"),
    path("<int:handover_id>/results/", page(views.results, "handover.write", nav="handovers"), name="results"),
]
