from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.views import admin_login
from api import reading
from packer_site import probes, views
from releases import views as releases

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("accounts.urls")),
    path("preferences/", include("packer_site.preferences.urls")),
    path("wizard/", include("wizard.urls")),
    path("inbox/", include("wizard.inbox_urls")),
    path("releases/", include("releases.urls")),
    path("nfo/", releases.view_nfo, name="nfo"),
    path("nfo/download/", releases.download_nfo, name="nfo-download"),
    path("conformity/", include("releases.conformity_urls")),
    path("jobs/", include("jobs.urls")),
    path("templates/", include("library.urls")),
    path("rules/", include("rulebook.urls")),
    path("config/apis/", include("enrichment.urls")),
    path("config/destinations/", include("delivery.urls")),
    path("config/chores/", include("jobs.chore_urls")),
    path("channels/", include("notifications.urls")),
    path("api/", include("api.urls")),
    path("core-docs", reading.redoc, name="core-docs"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon.svg", permanent=True)),
    path("livez", probes.livez, name="livez"),
    path("readyz", probes.readyz, name="readyz"),
    path("healthz", probes.readyz, name="healthz"),
    path("health", probes.health, name="health"),
    path("metrics", probes.metrics, name="metrics"),
    path("admin/login/", admin_login),  # before the administration's own, which counts no tries
    path("admin/", admin.site.urls),
]
handler400 = "packer_site.views.bad_request"
handler403 = "packer_site.views.forbidden"
handler404 = "packer_site.views.not_found"
handler500 = "packer_site.views.unforeseen"
