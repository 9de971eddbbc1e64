from django.urls import path

from api import monitoring

urlpatterns = [
    path("health", monitoring.HealthView.as_view(), name="health"),
    path("metrics", monitoring.MetricsView.as_view(), name="metrics"),
]
