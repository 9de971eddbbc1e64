"""The settings of the site, with the address that `benchmarks.floor` adds."""

from packer_site.settings import *  # noqa: F403, TID251  # all of them

ROOT_URLCONF = "benchmarks.floor"
