from django.urls import path

from rulebook.views import library, rule, selection, sync, texts, versions

app_name = "rulebook"
urlpatterns = [
    path("", library.index, name="index"),
    path("view/", library.remember, name="view"),
    path("new/", texts.new, name="new"),
    path("delete/", selection.delete, name="delete"),
    path("download/", selection.download, name="download"),
    path("sync/", sync.synchronize, name="sync"),
    path("schedule/", sync.schedule, name="schedule"),
    path("<int:pk>/", rule.detail, name="rule"),
    path("<int:pk>/edit/", texts.edit, name="edit"),
    path("<int:pk>/versions/", versions.index, name="versions"),
    path("<int:pk>/versions/<int:number>/", rule.detail, name="version"),
    path("<int:pk>/versions/<int:number>/raw/", versions.raw, name="raw"),
    path("<int:pk>/versions/<int:number>/picture/", versions.picture, name="picture"),
    path("<int:pk>/versions/<int:number>/restore/", versions.restore, name="restore"),
]
