from django.urls import path

from wizard import inbox

app_name = "inbox"
urlpatterns = [
    path("", inbox.index, name="index"),
    path("act/", inbox.act, name="act"),
]
