"""The message archive: the administrator's."""

from django.urls import path

from linli.console.archive import views
from linli.console.door import page

app_name = "archive"
urlpatterns = [
    path("", page(views.index, "archive.manage", nav="archive"), name="index"),
    path("line", page(views.line, "archive.manage", nav="archive"), name="line"),
    path("keys", page(views.key, "archive.manage", nav="archive"), name="key"),
    path("reading", page(views.reading, "archive.manage", nav="archive"), name="reading"),
]
