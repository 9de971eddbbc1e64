import sys

from django.core.management.base import BaseCommand

from packer_site.commands import run


class Command(BaseCommand):
    """The same as the `packer` program."""

    help = "Pack releases, serve the site, run jobs: see `packer --help`."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(run(argv[2:]))
