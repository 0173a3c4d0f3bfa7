"""Addresses of the insights pages, each with the right it needs."""

from django.urls import path

from linli.console.door import page
from linli.console.insights import views, working

app_name = "insights"
urlpatterns = [
    path("", page(views.index, "insights.read", nav="insights", narrows=True), name="index"),
    path("rfm/", page(views.rfm_page, "insights.read", nav="insights", narrows=True), name="rfm"),
    path("visitors/", page(views.visitors_page, "insights.read", nav="insights"), name="visitors"),
    path("repurchase/", page(views.repurchase, "insights.read", nav="insights", narrows=True), name="repurchase"),
    path("joining/", page(views.joining_page, "insights.read", nav="insights"), name="joining"),
    path("sends/", page(views.sends, "insights.read", nav="insights", narrows=True), name="sends"),
    path("working/", page(working.index, "figures.read", nav="insights", narrows=True), name="working"),
    path("working/csv/", page(working.download, "figures.read", nav="insights", narrows=True), name="working_csv"),
    path("csv/<slug:name>", page(views.download, "insights.read", nav="insights", narrows=True), name="download"),
]
