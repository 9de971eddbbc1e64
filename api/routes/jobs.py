from django.urls import path

from api import jobs

urlpatterns = [
    path("wizard/jobs/<int:pk>/status", jobs.JobStatusView.as_view(), name="job-status"),
    path("wizard/jobs/<int:pk>/logs", jobs.JobLogsView.as_view(), name="job-logs"),
    path("wizard/jobs/<int:pk>/analysis", jobs.JobAnalysisView.as_view(), name="job-analysis"),
]
