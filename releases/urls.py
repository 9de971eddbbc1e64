from django.urls import path

from releases import views

app_name = "releases"
urlpatterns = [
    path("", views.index, name="index"),
    path("covers/<uuid:handle>/", views.cover, name="cover"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/pack/", views.pack, name="pack"),
    path("<int:pk>/download/", views.download, name="download"),
    path("<int:pk>/nfo/", views.nfo, name="nfo"),
    path("<int:pk>/files/<int:artifact>/", views.download_file, name="download-file"),
    path("<int:pk>/files/<int:artifact>/view/", views.view_file, name="view-file"),
]
