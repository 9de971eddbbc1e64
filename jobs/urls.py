from django.urls import path

from jobs import live_views, views

app_name = "jobs"
urlpatterns = [
    path("", views.index, name="index"),
    path("events", live_views.events, name="events"),
    path("states", live_views.states, name="states"),
    path("<int:pk>/events", live_views.events, name="job-events"),
    path("<int:pk>/", views.detail, name="detail"),
    path("rerun/", views.rerun_failed, name="rerun-failed"),
    path("cancel/", views.cancel_waiting, name="cancel-waiting"),
    path("<int:pk>/log.txt", views.log, name="log"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/rerun/", views.rerun, name="rerun"),
]
