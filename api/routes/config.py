from django.urls import path

from api import apis, storage, system

urlpatterns = [
    path("config/system", system.SystemView.as_view(), name="system"),
    path("config/apis", apis.ApiListView.as_view(), name="apis"),
    path("config/apis/<int:pk>", apis.ApiDetailView.as_view(), name="api"),
    path("config/apis/<int:pk>/test", apis.ApiTestView.as_view(), name="api-test"),
    path("config/templates", storage.StorageView.as_view(), name="template-storage"),
    path("config/templates/migrate", storage.MigrateView.as_view(), name="template-migrate"),
]
