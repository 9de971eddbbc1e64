from django.urls import path

from api import dashboard

urlpatterns = [
    path("dashboard/stats", dashboard.StatsView.as_view(), name="dashboard-stats"),
]
