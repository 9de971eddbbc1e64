"""What people do with their own sessions."""

from accounts.models import User


def end_session(handle: str, *, by: User) -> bool:
    """Log one session of `by` out, and tell whether there was such a one."""
    for session in by.sessions.all():
        if session.handle == handle:
            return bool(session.delete()[0])
    return False


def end_other_sessions(kept: str | None, *, by: User) -> int:
    """Log every session of `by` out but the one of the key `kept`; return how many."""
    ended, _rows = by.sessions.exclude(session_key=kept or "").delete()
    return ended
