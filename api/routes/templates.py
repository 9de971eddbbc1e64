from django.urls import path

from api import rendering, template_library, template_versions, templates

urlpatterns = [
    path("templates", templates.TemplateListView.as_view(), name="templates"),
    path("templates/import", template_library.TemplateImportView.as_view(), name="template-import"),
    path("templates/<int:pk>", templates.TemplateDetailView.as_view(), name="template"),
    path("templates/<int:pk>/render", rendering.TemplateRenderView.as_view(), name="render"),
    path(
        "templates/<int:pk>/duplicate",
        template_library.TemplateDuplicateView.as_view(),
        name="template-duplicate",
    ),
    path(
        "templates/<int:pk>/default",
        template_library.TemplateDefaultView.as_view(),
        name="template-default",
    ),
    path(
        "templates/<int:pk>/versions",
        template_versions.TemplateVersionsView.as_view(),
        name="template-versions",
    ),
    path(
        "templates/<int:pk>/versions/<int:number>/restore",
        template_versions.TemplateRestoreView.as_view(),
        name="template-restore",
    ),
]
