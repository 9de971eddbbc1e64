from django.urls import path

from api import apis, chores, storage, system

urlpatterns = [
    path("config/system", system.SystemView.as_view(), name="system"),
    path("config/chores", chores.ChoreListView.as_view(), name="chores"),
    path("config/chores/<slug:name>", chores.ChoreView.as_view(), name="chore"),
    path("config/chores/<slug:name>/run", chores.ChoreRunView.as_view(), name="chore-run"),
    path("config/apis", apis.ApiListView.as_view(), name="apis"),
    path("config/apis/<int:pk>", apis.ApiDetailView.as_view(), name="api"),
    path("config/apis/<int:pk>/test", apis.ApiTestView.as_view(), name="api-test"),
    path("config/templates", storage.StorageView.as_view(), name="template-storage"),
    path("config/templates/migrate", storage.MigrateView.as_view(), name="template-migrate"),
]
