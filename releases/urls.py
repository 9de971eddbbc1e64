from django.urls import path

from releases import conformity_views, views

app_name = "releases"
urlpatterns = [
    path("", views.index, name="index"),
    path("covers/<uuid:handle>/", views.cover, name="cover"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/pack/", views.pack, name="pack"),
    path("<int:pk>/conformity/", conformity_views.of_release, name="conformity"),
    path(
        "<int:pk>/conformity/<slug:form>/",
        conformity_views.document_of_release,
        name="conformity-document",
    ),
    path("<int:pk>/badge.svg", conformity_views.badge, name="badge"),
    path("<int:pk>/download/", views.download, name="download"),
    path("<int:pk>/nfo/", views.nfo, name="nfo"),
    path("<int:pk>/files/<int:artifact>/", views.download_file, name="download-file"),
    path("<int:pk>/files/<int:artifact>/view/", views.view_file, name="view-file"),
]
