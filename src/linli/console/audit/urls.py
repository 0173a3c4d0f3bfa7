"""Route and permission on one line each."""

from django.urls import path

from linli.console.audit import views
from linli.console.door import page

app_name = "audit"
urlpatterns = [
    path("", page(views.index, "audit.read", nav="audit"), name="index"),
    path("<int:entry_id>/", page(views.detail, "audit.read", nav="audit"), name="detail"),
    path("chain/", page(views.chain, "audit.read", nav="audit"), name="chain"),
    path("trail.csv", page(views.download, "audit.read", nav="audit"), name="download"),
]
