"""Route and permission on one line each."""

from django.urls import path

from linli.console.door import page
from linli.console.segments import views

app_name = "segments"
urlpatterns = [
    path("", page(views.index, "segments.read", nav="segments"), name="index"),
    path("new/", page(views.new, "segments.read", nav="segments"), name="new"),
    path("builder/", page(views.change, "segments.read", nav="segments"), name="builder"),
    path("condition/", page(views.condition, "segments.read", nav="segments"), name="condition"),
    path("<int:segment_id>/", page(views.detail, "segments.read", nav="segments"), name="detail"),
    path("<int:segment_id>/copies/", page(views.copies, "segments.write", nav="segments"), name="copies"),
    path("<int:segment_id>/counts/", page(views.counts, "segments.write", nav="segments"), name="counts"),
    path("<int:segment_id>/deletion/", page(views.deletion, "segments.write", nav="segments"), name="deletion"),
    path(
        "<int:segment_id>/restoration/", page(views.restoration, "segments.write", nav="segments"), name="restoration"
    ),
]
