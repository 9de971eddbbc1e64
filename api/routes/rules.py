from django.urls import path

from api import rule_lists, rule_sync, rule_versions, rules

urlpatterns = [
    path("rules", rule_lists.RuleListView.as_view(), name="rules"),
    path("rules/local", rule_lists.LocalRuleListView.as_view(), name="local-rules"),
    path("rules/scenerules", rule_sync.ListedRulesView.as_view(), name="listed-rules"),
    path("rules/download", rule_sync.RuleDownloadView.as_view(), name="rule-download"),
    path("rules/sync", rule_sync.RuleSyncView.as_view(), name="rule-sync"),
    path("rules/sync/<job:key>", rule_sync.RuleSyncReportView.as_view(), name="rule-sync-report"),
    path("rules/schedule", rule_sync.RuleScheduleView.as_view(), name="rule-schedule"),
    path("rules/tree", rule_lists.RuleTreeView.as_view(), name="rule-tree"),
    path("rules/upload", rules.RuleUploadView.as_view(), name="rule-upload"),
    path("rules/<int:pk>", rules.RuleDetailView.as_view(), name="rule"),
    path("rules/<int:pk>/preview", rules.RulePreviewView.as_view(), name="rule-preview"),
    path("rules/<int:pk>/raw", rule_versions.RuleRawView.as_view(), name="rule-raw"),
    path("rules/<int:pk>/diff", rule_versions.RuleDiffView.as_view(), name="rule-diff"),
    path("rules/<int:pk>/versions", rule_versions.RuleVersionsView.as_view(), name="rule-versions"),
    path(
        "rules/<int:pk>/versions/<int:number>",
        rule_versions.RuleVersionView.as_view(),
        name="rule-version",
    ),
    path(
        "rules/<int:pk>/versions/<int:number>/restore",
        rule_versions.RuleRestoreView.as_view(),
        name="rule-restore",
    ),
]
