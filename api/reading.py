"""The document of the API, and two pages that show it. All of it comes from this host."""

from csp.constants import SELF
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView
from drf_spectacular.views import SpectacularSwaggerSplitView as SpectacularSwaggerView

# The page of Swagger UI has one style block of its own.
SWAGGER_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"


document = SpectacularAPIView.as_view()
swagger = csp_update({"style-src": [SELF, SWAGGER_STYLE]})(
    SpectacularSwaggerView.as_view(url_name="api:schema")
)
# Redoc makes its styles while it draws, and looks things up in a worker of its own text.
redoc = csp_update({"style-src": [SELF, "'unsafe-inline'"], "worker-src": [SELF, "blob:"]})(
    SpectacularRedocView.as_view(url_name="api:schema")
)
