"""Who asks. DRF loads this by name: it may not import views, directly or not."""

from rest_framework_simplejwt.authentication import JWTAuthentication


class Bearer(JWTAuthentication):
    """Takes the access token of a login."""
