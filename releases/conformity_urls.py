from django.urls import path

from releases import conformity_views as views

app_name = "conformity"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/<slug:form>/", views.document, name="document"),
]
