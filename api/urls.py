"""Exactly the documented paths: no slash at the end."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from drf_spectacular.views import SpectacularSwaggerSplitView as SwaggerView

from api import auth, errors, jobs, releases, wizard

# The page of Swagger UI has one style block of its own.
SWAGGER_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"
with_its_style = csp_update({"style-src": [SELF, SWAGGER_STYLE]})

app_name = "api"
urlpatterns = [
    path("auth/login", auth.LoginView.as_view(), name="login"),
    path("auth/me", auth.MeView.as_view(), name="me"),
    path("wizard/step/5/analyze", wizard.AnalyseView.as_view(), name="analyze"),
    path("wizard/step/<int:step>/validate", wizard.ValidateStepView.as_view(), name="validate"),
    path("wizard/step/<int:step>/save", wizard.SaveStepView.as_view(), name="save"),
    path("wizard/step/<int:step>/data", wizard.StepDataView.as_view(), name="data"),
    path("wizard/upload", wizard.UploadView.as_view(), name="upload"),
    path("wizard/pack", wizard.PackView.as_view(), name="pack"),
    path("wizard/jobs/<int:pk>/status", jobs.JobStatusView.as_view(), name="job-status"),
    path("wizard/jobs/<int:pk>/logs", jobs.JobLogsView.as_view(), name="job-logs"),
    path("wizard/jobs/<int:pk>/analysis", jobs.JobAnalysisView.as_view(), name="job-analysis"),
    path("releases", releases.ReleaseListView.as_view(), name="releases"),
    path("releases/<int:pk>", releases.ReleaseDetailView.as_view(), name="release"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", with_its_style(SwaggerView.as_view(url_name="api:schema")), name="docs"),
    path("<path:unknown>", errors.NowhereView.as_view(), name="nowhere"),
]
