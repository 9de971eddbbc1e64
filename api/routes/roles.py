from django.urls import path

from api import roles

urlpatterns = [
    path("roles", roles.RoleListView.as_view(), name="roles"),
    path("roles/<int:pk>", roles.RoleDetailView.as_view(), name="role"),
    path(
        "roles/<int:pk>/permissions", roles.RolePermissionsView.as_view(), name="role-permissions"
    ),
    path("roles/<int:pk>/users", roles.RoleUserListView.as_view(), name="role-users"),
]
