"""The document of the API, and two pages that show it. All of it comes from this host."""

from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest
from django.utils import translation
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView
from drf_spectacular.views import SpectacularSwaggerSplitView as SpectacularSwaggerView

# The page of Swagger UI has one style block of its own.
SWAGGER_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"


described = SpectacularAPIView.as_view()


@wraps(described)
def document(request: HttpRequest, **about: Any) -> Any:
    """Answer the document in the language that it is written in, whoever asks."""
    with translation.override("en"):
        return described(request, **about)


swagger = csp_update({"style-src": [SELF, SWAGGER_STYLE]})(
    SpectacularSwaggerView.as_view(url_name="api:schema")
)
# Redoc makes its styles while it draws, and looks things up in a worker of its own text.
redoc = csp_update({"style-src": [SELF, "'unsafe-inline'"], "worker-src": [SELF, "blob:"]})(
    SpectacularRedocView.as_view(url_name="api:schema")
)
