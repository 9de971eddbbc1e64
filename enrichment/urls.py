from django.urls import path

from enrichment import views

app_name = "enrichment"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.change, name="change"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<str:name>/<str:whose>/", views.create, name="create"),
]
