from django.contrib.auth import views as auth_views
from django.urls import include, path

from accounts import system_views, views

app_name = "accounts"
urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("accounts/login/", views.Login.as_view(), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("accounts/display/", views.display, name="display"),
    path("accounts/password/", views.password, name="password"),
    path("accounts/tokens/", include("accounts.token_urls")),
    path("accounts/sessions/end/", views.end_other_sessions, name="end-other-sessions"),
    path("accounts/sessions/<slug:handle>/end/", views.end_session, name="end-session"),
    path("config/system/", system_views.index, name="system"),
    path("", include("accounts.people_urls")),
]
