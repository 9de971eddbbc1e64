from django.urls import path, register_converter

from api import job_list, job_reports, jobs

register_converter(jobs.JobKey, "job")

urlpatterns = [
    path("jobs", job_list.JobListView.as_view(), name="jobs"),
    path("jobs/<job:key>", jobs.JobView.as_view(), name="job"),
    path("jobs/<job:key>/logs", job_reports.JobLogsView.as_view(), name="logs-of-job"),
    path("jobs/<job:key>/artifacts", job_reports.JobArtifactsView.as_view(), name="job-artifacts"),
    path("jobs/<job:key>/rerun", jobs.JobRerunView.as_view(), name="job-rerun"),
    path("jobs/<job:key>/cancel", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("wizard/jobs/<job:key>/status", job_reports.JobStatusView.as_view(), name="job-status"),
    path("wizard/jobs/<job:key>/logs", job_reports.JobLogsView.as_view(), name="job-logs"),
    path(
        "wizard/jobs/<job:key>/analysis", job_reports.JobAnalysisView.as_view(), name="job-analysis"
    ),
]
