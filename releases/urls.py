from django.urls import path

from releases import (
    bulk_views,
    conformity_views,
    detail_views,
    list_views,
    mending_views,
    views,
)

app_name = "releases"
urlpatterns = [
    path("", list_views.index, name="index"),
    path("mode/", list_views.remember, name="remember"),
    path("views/", list_views.views, name="views"),
    path("views/change/", list_views.change_view, name="change-view"),
    path("groups/", list_views.groups, name="groups"),
    path("owners/", list_views.owners, name="owners"),
    path("bulk/", bulk_views.bulk, name="bulk"),
    path("bulk/<int:pk>/", bulk_views.result, name="bulk-result"),
    path("bulk/<int:pk>/undo/", bulk_views.undo, name="bulk-undo"),
    path("trash/", bulk_views.trash, name="trash"),
    path("covers/<uuid:handle>/", views.cover, name="cover"),
    path("<int:pk>/", detail_views.info, name="detail"),
    path("<int:pk>/cover/", views.release_cover, name="release-cover"),
    path("<int:pk>/jobs/", detail_views.jobs, name="jobs"),
    path("<int:pk>/history/", detail_views.history, name="history"),
    path("<int:pk>/history/<int:number>/", detail_views.revision, name="revision"),
    path("<int:pk>/history/<int:number>/undo/", mending_views.undo, name="undo"),
    path("<int:pk>/actions/", mending_views.actions_of, name="actions"),
    path("<int:pk>/actions/<slug:operation>/", mending_views.mend, name="mend"),
    path("<int:pk>/edits/discard/", mending_views.discard_edits, name="discard-edits"),
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
    path("<int:pk>/diz/", views.view_diz, name="diz"),
    path("<int:pk>/files/", detail_views.files, name="files"),
    path("<int:pk>/files/several/", views.download_several, name="download-several"),
    path("<int:pk>/files/<int:artifact>/", views.download_file, name="download-file"),
    path("<int:pk>/files/<int:artifact>/view/", views.view_file, name="view-file"),
]
