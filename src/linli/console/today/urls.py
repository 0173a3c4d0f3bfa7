"""The morning page."""

from django.urls import path

from linli.console.door import page
from linli.console.today import views

app_name = "today"
urlpatterns = [
    path("", page(views.index, "insights.read", nav="today"), name="index"),
    path("story", page(views.story, "insights.read", nav="today"), name="story"),
]
