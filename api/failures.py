"""What each status of a failure means, as the document of the API tells it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """A status that answers may have, in the one shape of errors."""

    name: str
    about: str
    message: str
    errors: dict[str, Any] = field(default_factory=dict)

    @property
    def example(self) -> dict[str, Any]:
        body: dict[str, Any] = {"error": self.name, "message": self.message}
        return body | ({"errors": self.errors} if self.errors else {})


REQUIRED = "This field is required."
FAILURES = {
    400: Failure(
        "ValidationError",
        "The request is not valid; `errors` tells of each field.",
        f"username: {REQUIRED}",
        {"username": [REQUIRED]},
    ),
    401: Failure(
        "Unauthorized",
        "Nobody is signed in, or the token has ended.",
        "Invalid or expired token",
    ),
    403: Failure(
        "Forbidden",
        "The caller sees it, but lacks the permission that the message names.",
        "You don't have WRITE permission on releases",
    ),
    404: Failure(
        "NotFound",
        "There is none that the caller may see.",
        "Release with id 999 not found",
    ),
    405: Failure("MethodNotAllowed", "`Allow` names the methods.", 'Method "PUT" not allowed.'),
    406: Failure(
        "NotAcceptable",
        "`Accept` names nothing that can be answered.",
        "Could not satisfy the request Accept header.",
    ),
    408: Failure(
        "RequestTimeout",
        "The body ended too soon; what arrived is kept.",
        "The connection ended before all bytes had arrived.",
    ),
    409: Failure(
        "Conflict",
        "It does not fit what is there already, or what runs now.",
        "Username already exists",
    ),
    412: Failure(
        "PreconditionFailed",
        "A header asks for another state or version than there is.",
        "It was changed since it was read: read it again, then change that.",
    ),
    413: Failure(
        "PayloadTooLarge", "The body is too large.", "The body is too large: send less at once."
    ),
    415: Failure(
        "UnsupportedMediaType",
        "The body is of a type that is not taken here.",
        'Unsupported media type "text/plain" in request.',
    ),
    422: Failure(
        "UnprocessableEntity",
        "It is well formed, but cannot be done; `errors` tells why where there is more to say.",
        "Step 4 is not finished",
        {"4": ["This field is required."]},
    ),
    423: Failure(
        "Locked",
        "Another connection is at it.",
        "Another connection adds to this upload.",
    ),
    429: Failure(
        "RateLimited",
        "Too many requests; `Retry-After` tells how long to wait.",
        "Too many requests: try again in 12 seconds.",
    ),
    460: Failure(
        "ChecksumMismatch",
        "The bytes are not those of the checksum; none of them is kept.",
        "The bytes do not have that checksum.",
    ),
    500: Failure(
        "InternalServerError",
        "Something broke here; the log knows more by the `X-Request-ID`.",
        "An unexpected error occurred",
    ),
    503: Failure(
        "ServiceUnavailable",
        "The database or the store of files is away; `Retry-After` tells how long to wait.",
        "The database cannot be reached: try again in a moment.",
    ),
    507: Failure(
        "InsufficientStorage",
        "There is no room for the file.",
        "There is not enough room for this file.",
    ),
}
SHARED = (406, 429, 500, 503)
"""What any operation may end in."""
WITH_BODY = (413, 415)
"""What any operation with a body may end in."""
