"""Route and permission on one line each."""

from django.urls import path

from linli.console.door import page
from linli.console.groups import sheets, views

app_name = "groups"
urlpatterns = [
    path("", page(views.index, "groups.read", nav="groups", narrows=True), name="index"),
    path("<int:group_id>/", page(views.detail, "groups.read", nav="groups", narrows=True), name="detail"),
    path("<int:group_id>/members/", page(views.members, "groups.read", nav="groups", narrows=True), name="members"),
    path("<int:group_id>/community/", page(views.assign, "groups.write", nav="groups"), name="assign"),
    path("communities/", page(sheets.index, "communities.read", nav="groups"), name="communities"),
    path("communities/new/", page(sheets.edit, "communities.write", nav="groups"), name="new_community"),
    path("communities/<int:community_id>/", page(sheets.edit, "communities.read", nav="groups"), name="community"),
    path(
        "communities/<int:community_id>/opening/",
        page(sheets.opening, "communities.write", nav="groups"),
        name="opening",
    ),
    path(
        "communities/<int:community_id>/closing/",
        page(sheets.closing, "communities.write", nav="groups"),
        name="closing",
    ),
]
