from accounts.models.credentials import TOKEN_NAME_LENGTH, ApiToken, Login, LoginTries
from accounts.models.people import (
    ACTIONS,
    ADMIN_ROLE,
    FirstRun,
    ReleaseGroup,
    Role,
    User,
    four_permissions,
)
from accounts.models.preference import Preference, owner_number
from accounts.models.session import Session
from accounts.models.system import SystemSetting

__all__ = [
    "ACTIONS",
    "ADMIN_ROLE",
    "TOKEN_NAME_LENGTH",
    "ApiToken",
    "FirstRun",
    "Login",
    "LoginTries",
    "Preference",
    "ReleaseGroup",
    "Role",
    "Session",
    "SystemSetting",
    "User",
    "four_permissions",
    "owner_number",
]
