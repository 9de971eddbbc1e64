from django.urls import path

from api import (
    conformity,
    deliveries,
    mending,
    release_files,
    release_history,
    release_list,
    releases,
)

urlpatterns = [
    path("releases", release_list.ReleaseListView.as_view(), name="releases"),
    path("releases/<int:pk>", releases.ReleaseDetailView.as_view(), name="release"),
    path("releases/<int:pk>/repack", mending.RepackView.as_view(), name="release-repack"),
    path("releases/<int:pk>/nfofix", mending.NfoFixView.as_view(), name="release-nfofix"),
    path("releases/<int:pk>/readnfo", mending.ReadNfoView.as_view(), name="release-readnfo"),
    path("releases/<int:pk>/dirfix", mending.DirFixView.as_view(), name="release-dirfix"),
    path("releases/<int:pk>/undo", mending.UndoView.as_view(), name="release-undo"),
    path("releases/<int:pk>/files", release_files.ReleaseFilesView.as_view(), name="release-files"),
    path("releases/<int:pk>/jobs", release_history.ReleaseJobsView.as_view(), name="release-jobs"),
    path(
        "releases/<int:pk>/deliver", deliveries.ReleaseDeliverView.as_view(), name="release-deliver"
    ),
    path(
        "releases/<int:pk>/deliveries",
        deliveries.ReleaseDeliveriesView.as_view(),
        name="release-deliveries",
    ),
    path(
        "releases/<int:pk>/revisions",
        release_history.ReleaseRevisionsView.as_view(),
        name="release-revisions",
    ),
    path(
        "releases/<int:pk>/conformity",
        conformity.ReleaseConformityView.as_view(),
        name="release-conformity",
    ),
    path("conformity", conformity.ConformityView.as_view(), name="conformity"),
    path(
        "conformity/<int:pk>", conformity.ConformityReportView.as_view(), name="conformity-report"
    ),
]
