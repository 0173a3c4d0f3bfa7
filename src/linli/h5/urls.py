"""The customer's pages: no sign-in, nothing personal in any address."""

from django.urls import path

from linli.h5 import pictures, views

app_name = "h5"

urlpatterns = [
    path("c/<str:key>/", views.code, name="code"),
    path("g/<str:key>/", views.group, name="group"),
    path("q/<str:key>/code.png", pictures.code_picture, name="code_picture"),
    path("q/<str:key>/group.png", pictures.group_picture, name="group_picture"),
    path("<str:key>/", views.landing, name="landing"),
    path("<str:key>/s/<int:shop_id>/", views.shop, name="shop"),
]
