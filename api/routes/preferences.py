from django.urls import path

from api import preferences

VIEWS = {
    "": preferences.PreferencesView,
    "/global": preferences.GlobalPreferencesView,
    "/export": preferences.PreferencesExportView,
    "/import": preferences.PreferencesImportView,
    "/<str:key>": preferences.PreferenceView,
}
NAMES = {"config/preferences": "preferences", "preferences": "own-preferences"}
"""The two places where they are served; what stands there is the same."""

urlpatterns = [
    path(f"{place}{tail}", view.as_view(), name=f"{name}{tail.partition('<')[0]}")
    for place, name in NAMES.items()
    for tail, view in VIEWS.items()
]
