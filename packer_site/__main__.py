"""The `packer` program."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

from cli.exits import Exit
from cli.output import tell


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "packer_site.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        tell(f"packer: {error}")
        sys.exit(Exit.INVALID)
    from packer_site.commands import run  # noqa: PLC0415  # models load only after the setup

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
