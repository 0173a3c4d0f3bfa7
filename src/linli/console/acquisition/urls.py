"""Route and permission on one line each."""

from django.urls import path

from linli.console.acquisition import codes, views, welcomes
from linli.console.door import page

app_name = "acquisition"
urlpatterns = [
    path("", page(views.index, "acquisition.read", nav="shops", narrows=True), name="index"),
    path("<int:shop_id>/", page(views.detail, "acquisition.read", nav="shops", narrows=True), name="shop"),
    path("<int:shop_id>/opening/", page(views.opening, "acquisition.write", nav="shops"), name="opening"),
    path("making/", page(views.making, "acquisition.read", nav="shops"), name="making"),
    path("making/<int:run_id>/stop/", page(views.stop, "acquisition.write", nav="shops"), name="stop"),
    path("channels/", page(codes.index, "acquisition.read", nav="shops"), name="channels"),
    path("channels/new/", page(codes.new, "acquisition.write", nav="shops"), name="new_code"),
    path("codes/<int:code_id>/", page(codes.detail, "acquisition.read", nav="shops"), name="code"),
    path(
        "codes/<int:code_id>/qr.png",
        page(codes.picture, "acquisition.read", nav="shops", narrows=True),
        name="picture",
    ),
    path("codes/<int:code_id>/clerks/", page(codes.repoint, "acquisition.write", nav="shops"), name="repoint"),
    path("codes/<int:code_id>/pause/", page(codes.pause, "acquisition.write", nav="shops"), name="pause"),
    path("codes/<int:code_id>/words/", page(codes.describe, "acquisition.write", nav="shops"), name="describe"),
    path("codes/<int:code_id>/finish/", page(codes.finish, "acquisition.write", nav="shops"), name="finish"),
    path("codes/<int:code_id>/close/", page(codes.close, "acquisition.write", nav="shops"), name="close"),
    path("welcomes/", page(welcomes.index, "acquisition.read", nav="shops"), name="welcomes"),
    path("welcomes/new/", page(welcomes.edit, "acquisition.write", nav="shops"), name="new_welcome"),
    path("welcomes/<int:welcome_id>/", page(welcomes.edit, "acquisition.read", nav="shops"), name="welcome"),
    path("welcomes/<int:welcome_id>/end/", page(welcomes.retire, "acquisition.write", nav="shops"), name="end_welcome"),
]
