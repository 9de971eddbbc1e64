from django.urls import path

from api import auth

urlpatterns = [
    path("auth/login", auth.LoginView.as_view(), name="login"),
    path("auth/me", auth.MeView.as_view(), name="me"),
]
