"""Route and permission on one line each."""

from django.urls import path

from linli.console.door import page
from linli.console.ledger import replays, views

app_name = "running"
urlpatterns = [
    path("", page(views.index, "ledger.read", nav="running"), name="index"),
    path("live/", page(views.live, "ledger.read", nav="running"), name="live"),
    path("aside/<str:state>/", page(views.aside, "ledger.read", nav="running"), name="aside"),
    path("aside/<int:parked_id>/detail/", page(views.detail, "ledger.read", nav="running"), name="detail"),
    path("going/", page(views.going, "ledger.write", nav="running"), name="going"),
    path("drop/", page(views.drop, "ledger.write", nav="running"), name="drop"),
    path("replay/<str:name>/", page(replays.subscriber, "ledger.read", nav="running"), name="replay"),
    path("replay/<str:name>/start/", page(replays.start, "ledger.manage", nav="running"), name="start"),
    path("replays/<int:replay_id>/", page(replays.progress, "ledger.read", nav="running"), name="progress"),
    path("replays/<int:replay_id>/stop/", page(replays.stop, "ledger.manage", nav="running"), name="stop"),
]
