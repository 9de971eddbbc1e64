from django.urls import path

from api import preferences

urlpatterns = [
    path("config/preferences", preferences.PreferencesView.as_view(), name="preferences"),
]
