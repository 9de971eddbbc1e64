from django.urls import path

from api import groups

urlpatterns = [path("groups", groups.GroupListView.as_view(), name="groups")]
