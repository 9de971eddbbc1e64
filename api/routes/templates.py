from django.urls import path

from api import rendering, templates

urlpatterns = [
    path("templates", templates.TemplateListView.as_view(), name="templates"),
    path("templates/import", templates.TemplateImportView.as_view(), name="template-import"),
    path("templates/<int:pk>", templates.TemplateDetailView.as_view(), name="template"),
    path("templates/<int:pk>/render", rendering.TemplateRenderView.as_view(), name="render"),
    path(
        "templates/<int:pk>/duplicate",
        templates.TemplateDuplicateView.as_view(),
        name="template-duplicate",
    ),
    path(
        "templates/<int:pk>/default",
        templates.TemplateDefaultView.as_view(),
        name="template-default",
    ),
    path(
        "templates/<int:pk>/versions",
        templates.TemplateVersionsView.as_view(),
        name="template-versions",
    ),
    path(
        "templates/<int:pk>/versions/<int:number>/restore",
        templates.TemplateRestoreView.as_view(),
        name="template-restore",
    ),
]
