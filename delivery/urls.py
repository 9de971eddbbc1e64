from django.urls import path

from delivery import views

app_name = "delivery"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/<str:whose>/", views.create, name="create"),
    path("<int:pk>/", views.change, name="change"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/accept/", views.accept, name="accept"),
    path("<int:pk>/groups/", views.add_group, name="add-group"),
    path("<int:pk>/groups/<int:group>/remove/", views.remove_group, name="remove-group"),
]
