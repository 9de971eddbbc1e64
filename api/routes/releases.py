from django.urls import path

from api import conformity, releases

urlpatterns = [
    path("releases", releases.ReleaseListView.as_view(), name="releases"),
    path("releases/<int:pk>", releases.ReleaseDetailView.as_view(), name="release"),
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
