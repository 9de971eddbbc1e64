from django.urls import path

from api import user_grants, users

urlpatterns = [
    path("users", users.UserListView.as_view(), name="users"),
    path("users/<int:pk>", users.UserDetailView.as_view(), name="user"),
    path("users/<int:pk>/groups", user_grants.UserGroupListView.as_view(), name="user-groups"),
    path(
        "users/<int:pk>/groups/<int:group_id>",
        user_grants.UserGroupView.as_view(),
        name="user-group",
    ),
    path("users/<int:pk>/roles", user_grants.UserRoleListView.as_view(), name="user-roles"),
    path(
        "users/<int:pk>/roles/<int:role_id>", user_grants.UserRoleView.as_view(), name="user-role"
    ),
    path(
        "users/<int:pk>/permissions",
        user_grants.UserPermissionsView.as_view(),
        name="user-permissions",
    ),
]
