from django.urls import path

from jobs import chore_views

app_name = "chores"
urlpatterns = [
    path("", chore_views.index, name="index"),
    path("<slug:name>/", chore_views.change, name="change"),
    path("<slug:name>/run/", chore_views.run, name="run"),
]
