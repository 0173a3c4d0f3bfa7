"""Route and permission on one line each."""

from django.urls import path

from linli.console.door import page
from linli.console.privacy import people, views

app_name = "privacy"
urlpatterns = [
    path("", page(views.index, "privacy.read", nav="privacy"), name="index"),
    path("reveal/", page(views.reveal, "customers.reveal", nav="privacy", narrows=True), name="reveal"),
    path("retention/", page(views.retention, "privacy.write", nav="privacy"), name="retention"),
    path("letting-in/", page(views.let_in, "privacy.write", nav="privacy"), name="let_in"),
    path("people/<int:customer_id>/", page(people.person, "privacy.read", nav="privacy"), name="person"),
    path("people/<int:customer_id>/exports/", page(people.export, "customers.reveal", nav="privacy"), name="export"),
    path("people/<int:customer_id>/erasure/", page(people.erase, "privacy.write", nav="privacy"), name="erase"),
    path(
        "exports/<int:export_id>/",
        page(people.export_progress, "customers.reveal", nav="privacy"),
        name="export_progress",
    ),
    path(
        "exports/<int:export_id>/stop/",
        page(people.stop_export, "customers.reveal", nav="privacy"),
        name="export_stop",
    ),
    path("exports/<int:export_id>/file/", page(people.download, "customers.reveal", nav="privacy"), name="download"),
    path("erasures/<int:erasure_id>/", page(people.erasure, "privacy.read", nav="privacy"), name="erasure"),
    path("erasures/<int:erasure_id>/cancellation/", page(people.cancel, "privacy.write", nav="privacy"), name="cancel"),
    path("erasures/<int:erasure_id>/again/", page(people.again, "privacy.write", nav="privacy"), name="again"),
    path("erasures/<int:erasure_id>/proof/", page(people.proof, "privacy.read", nav="privacy"), name="proof"),
]
