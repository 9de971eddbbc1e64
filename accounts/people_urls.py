from django.urls import path

from accounts import group_views, people_views, person_views, role_views

app_name = "people"
urlpatterns = [
    path("people/", people_views.index, name="index"),
    path("people/add/", people_views.add, name="add"),
    path("people/offers/", people_views.offers, name="offers"),
    path("people/<int:pk>/", person_views.person, name="person"),
    path("people/<int:pk>/account/", person_views.save, name="save"),
    path("people/<int:pk>/password/", person_views.password, name="password"),
    path("people/<int:pk>/roles/", person_views.give_role, name="give-role"),
    path("people/<int:pk>/roles/<int:role>/remove/", person_views.remove_role, name="remove-role"),
    path("people/<int:pk>/groups/", person_views.join_group, name="join-group"),
    path("people/<int:pk>/groups/<int:group>/leave/", person_views.leave_group, name="leave-group"),
    path("people/<int:pk>/permissions/", person_views.permissions, name="permissions"),
    path("people/<int:pk>/activate/", person_views.activate, name="activate"),
    path("people/<int:pk>/deactivate/", person_views.deactivate, name="deactivate"),
    path("people/<int:pk>/delete/", person_views.delete, name="delete"),
    path("roles/", role_views.index, name="roles"),
    path("roles/add/", role_views.add, name="add-role"),
    path("roles/<int:pk>/", role_views.role, name="role"),
    path("roles/<int:pk>/description/", role_views.save, name="save-role"),
    path("roles/<int:pk>/permissions/", role_views.permissions, name="role-permissions"),
    path("roles/<int:pk>/delete/", role_views.delete, name="delete-role"),
    path("groups/", group_views.index, name="groups"),
    path("groups/add/", group_views.add, name="add-group"),
    path("groups/offers/", people_views.group_offers, name="group-offers"),
    path("groups/<int:pk>/", group_views.group, name="group"),
    path("groups/<int:pk>/members/", group_views.add_member, name="add-member"),
    path(
        "groups/<int:pk>/members/<int:person>/remove/",
        group_views.remove_member,
        name="remove-member",
    ),
]
