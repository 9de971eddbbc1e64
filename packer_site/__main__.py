"""The `packer` program."""

import os
import sys

from packer_site.commands import run


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "packer_site.settings")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
