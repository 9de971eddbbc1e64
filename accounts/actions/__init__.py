"""What people do with accounts: their own, and those of others."""

from accounts.actions.sessions import end_other_sessions, end_session

__all__ = ["end_other_sessions", "end_session"]
