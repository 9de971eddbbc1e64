import django

django.setup()

from tests.atlas import as_json  # noqa: E402  # Django is set up first
from tests.atlas.filling import fill  # noqa: E402

print(as_json(fill()))  # noqa: T201  # it is a program
