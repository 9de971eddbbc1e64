from django.urls import path

from api import conformity, enrichment, packing, rendering, wizard

urlpatterns = [
    path("wizard/step/5/analyze", wizard.AnalyseView.as_view(), name="analyze"),
    path("wizard/step/6/enrich", enrichment.EnrichView.as_view(), name="enrich"),
    path("wizard/step/7/render", rendering.StepRenderView.as_view(), name="step-render"),
    path("wizard/step/<int:step>/validate", wizard.ValidateStepView.as_view(), name="validate"),
    path("wizard/step/<int:step>/save", wizard.SaveStepView.as_view(), name="save"),
    path("wizard/step/<int:step>/data", wizard.StepDataView.as_view(), name="data"),
    path("wizard/upload", wizard.UploadView.as_view(), name="upload"),
    path("wizard/conformity", conformity.DraftConformityView.as_view(), name="draft-conformity"),
    path("wizard/pack", packing.PackView.as_view(), name="pack"),
]
