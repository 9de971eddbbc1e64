from django.urls import path

from drafts.steps import STEPS
from wizard import keeping, listing, sources, uploads, views

app_name = "wizard"
urlpatterns = [
    path("", views.start, name="start"),
    path("drafts/", listing.index, name="drafts"),
    path("sample/", views.start_sample, name="sample"),
    path("<uuid:draft>/discard/", views.discard, name="discard"),
    path("<uuid:draft>/analyse/", views.analyse, name="analyse"),
    path("<uuid:draft>/remember/", views.remember, name="remember"),
    path("<uuid:draft>/compare/", views.compare, name="compare"),
    path("<uuid:draft>/asking/", views.asking, name="asking"),
    path("<uuid:draft>/preview/", views.preview, name="preview"),
    path("<uuid:draft>/uploads/discard/", uploads.discard, name="discard-upload"),
    path("<uuid:draft>/download/", views.download, name="download"),
    path("<uuid:draft>/folder/choose/", sources.choose, name="choose"),
    path("<uuid:draft>/url/fetch/", sources.fetch, name="fetch"),
    path("<uuid:draft>/url/check/", sources.check_address, name="check-address"),
    path("<uuid:draft>/<slug:step>/keep/", keeping.keep, name="keep"),
    path(
        "<uuid:draft>/<slug:step>/",
        views.ReleaseWizard.as_view([(step.key, step.form) for step in STEPS]),
        name="step",
    ),
]
