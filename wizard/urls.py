from django.urls import path

from drafts.steps import STEPS
from wizard import views

app_name = "wizard"
urlpatterns = [
    path("", views.start, name="start"),
    path("sample/", views.start_sample, name="sample"),
    path("<uuid:draft>/discard/", views.discard, name="discard"),
    path("<uuid:draft>/analyse/", views.analyse, name="analyse"),
    path("<uuid:draft>/compare/", views.compare, name="compare"),
    path("<uuid:draft>/asking/", views.asking, name="asking"),
    path("<uuid:draft>/preview/", views.preview, name="preview"),
    path("<uuid:draft>/download/", views.download, name="download"),
    path(
        "<uuid:draft>/<slug:step>/",
        views.ReleaseWizard.as_view([(step.key, step.form) for step in STEPS]),
        name="step",
    ),
]
