from django.urls import path

from api import rule_sync, rules

urlpatterns = [
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
]
