from django.urls import path

from library import history, storage, views

app_name = "library"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("import/", views.take_in, name="import"),
    path("preview/", views.preview, name="preview"),
    path("download/", views.download, name="download"),
    path("storage/", storage.storage, name="storage"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/duplicate/", views.duplicate, name="duplicate"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/default/", views.default, name="default"),
    path("<int:pk>/versions/", history.versions, name="versions"),
    path("<int:pk>/versions/<int:number>/restore/", history.restore, name="restore"),
]
