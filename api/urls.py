"""Exactly the documented paths: no slash at the end."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from drf_spectacular.views import SpectacularSwaggerSplitView as SwaggerView

from api import (
    apis,
    auth,
    conformity,
    dashboard,
    enrichment,
    errors,
    jobs,
    preferences,
    releases,
    rendering,
    rule_sync,
    rules,
    storage,
    templates,
    uploads,
    wizard,
)

# The page of Swagger UI has one style block of its own.
SWAGGER_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"
with_its_style = csp_update({"style-src": [SELF, SWAGGER_STYLE]})

app_name = "api"
urlpatterns = [
    path("auth/login", auth.LoginView.as_view(), name="login"),
    path("auth/me", auth.MeView.as_view(), name="me"),
    path("dashboard/stats", dashboard.StatsView.as_view(), name="dashboard-stats"),
    path("wizard/step/5/analyze", wizard.AnalyseView.as_view(), name="analyze"),
    path("wizard/step/6/enrich", enrichment.EnrichView.as_view(), name="enrich"),
    path("wizard/step/7/render", rendering.StepRenderView.as_view(), name="step-render"),
    path("wizard/step/<int:step>/validate", wizard.ValidateStepView.as_view(), name="validate"),
    path("wizard/step/<int:step>/save", wizard.SaveStepView.as_view(), name="save"),
    path("wizard/step/<int:step>/data", wizard.StepDataView.as_view(), name="data"),
    path("wizard/upload", wizard.UploadView.as_view(), name="upload"),
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:handle>", uploads.UploadView.as_view(), name="resumable-upload"),
    path("wizard/conformity", conformity.DraftConformityView.as_view(), name="draft-conformity"),
    path("wizard/pack", wizard.PackView.as_view(), name="pack"),
    path("wizard/jobs/<int:pk>/status", jobs.JobStatusView.as_view(), name="job-status"),
    path("wizard/jobs/<int:pk>/logs", jobs.JobLogsView.as_view(), name="job-logs"),
    path("wizard/jobs/<int:pk>/analysis", jobs.JobAnalysisView.as_view(), name="job-analysis"),
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
    path("config/apis", apis.ApiListView.as_view(), name="apis"),
    path("config/apis/<int:pk>", apis.ApiDetailView.as_view(), name="api"),
    path("config/apis/<int:pk>/test", apis.ApiTestView.as_view(), name="api-test"),
    path("config/templates", storage.StorageView.as_view(), name="template-storage"),
    path("config/templates/migrate", storage.MigrateView.as_view(), name="template-migrate"),
    path("templates", templates.TemplateListView.as_view(), name="templates"),
    path("templates/import", templates.TemplateImportView.as_view(), name="template-import"),
    path("templates/<int:pk>", templates.TemplateDetailView.as_view(), name="template"),
    path("templates/<int:pk>/render", rendering.TemplateRenderView.as_view(), name="render"),
    path(
        "templates/<int:pk>/duplicate",
        templates.TemplateDuplicateView.as_view(),
        name="template-duplicate",
    ),
    path(
        "templates/<int:pk>/default",
        templates.TemplateDefaultView.as_view(),
        name="template-default",
    ),
    path(
        "templates/<int:pk>/versions",
        templates.TemplateVersionsView.as_view(),
        name="template-versions",
    ),
    path(
        "templates/<int:pk>/versions/<int:number>/restore",
        templates.TemplateRestoreView.as_view(),
        name="template-restore",
    ),
    path("config/preferences", preferences.PreferencesView.as_view(), name="preferences"),
    path("rules", rules.RuleListView.as_view(), name="rules"),
    path("rules/local", rules.LocalRuleListView.as_view(), name="local-rules"),
    path("rules/scenerules", rule_sync.ListedRulesView.as_view(), name="listed-rules"),
    path("rules/download", rule_sync.RuleDownloadView.as_view(), name="rule-download"),
    path("rules/sync", rule_sync.RuleSyncView.as_view(), name="rule-sync"),
    path("rules/schedule", rule_sync.RuleScheduleView.as_view(), name="rule-schedule"),
    path("rules/tree", rules.RuleTreeView.as_view(), name="rule-tree"),
    path("rules/upload", rules.RuleUploadView.as_view(), name="rule-upload"),
    path("rules/<int:pk>", rules.RuleDetailView.as_view(), name="rule"),
    path("rules/<int:pk>/preview", rules.RulePreviewView.as_view(), name="rule-preview"),
    path("rules/<int:pk>/raw", rules.RuleRawView.as_view(), name="rule-raw"),
    path("rules/<int:pk>/diff", rules.RuleDiffView.as_view(), name="rule-diff"),
    path("rules/<int:pk>/versions", rules.RuleVersionsView.as_view(), name="rule-versions"),
    path(
        "rules/<int:pk>/versions/<int:number>", rules.RuleVersionView.as_view(), name="rule-version"
    ),
    path(
        "rules/<int:pk>/versions/<int:number>/restore",
        rules.RuleRestoreView.as_view(),
        name="rule-restore",
    ),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", with_its_style(SwaggerView.as_view(url_name="api:schema")), name="docs"),
    path("<path:unknown>", errors.NowhereView.as_view(), name="nowhere"),
]
