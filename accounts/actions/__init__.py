"""What people do with accounts: their own, and those of others."""

from accounts.actions.groups import create_group
from accounts.actions.people import (
    NewUser,
    assign_groups,
    assign_role,
    create_user,
    deactivate_user,
    delete_user,
    remove_group,
    remove_role,
    set_custom_permissions,
    update_user,
)
from accounts.actions.refusal import Refused, Taken, WrongFields
from accounts.actions.roles import create_role, delete_role, set_role_permissions, update_role
from accounts.actions.sessions import end_other_sessions, end_session

__all__ = [
    "NewUser",
    "Refused",
    "Taken",
    "WrongFields",
    "assign_groups",
    "assign_role",
    "create_group",
    "create_role",
    "create_user",
    "deactivate_user",
    "delete_role",
    "delete_user",
    "end_other_sessions",
    "end_session",
    "remove_group",
    "remove_role",
    "set_custom_permissions",
    "set_role_permissions",
    "update_role",
    "update_user",
]
