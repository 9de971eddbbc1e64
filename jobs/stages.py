"""How people are told what the works of jobs, and their stages, are called in code."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

WORKS = {
    "analysis": _("Analysis"),
    "enrich": _("Enrichment"),
    "pack": _("Packing"),
    "migrate": _("Moving templates"),
    "sync": _("Synchronization of rules"),
    "lint": _("Conformity"),
    "download": _("Download"),
    "inbox": _("File of the inbox"),
    "moveout": _("Moving out of the inbox"),
    "repack": _("Repacking"),
    "nfofix": _("Mending the NFO"),
    "readnfo": _("Reading the NFO anew"),
    "dirfix": _("Mending the folder"),
    "undo": _("Undoing"),
    "bulk": _("Bulk action"),
    "deliver": _("Delivery"),
}
TURNS = dict.fromkeys(("repack", "nfofix", "readnfo", "dirfix", "undo"), "mend")
"""The works that wait for each other about one subject, by what they have in common."""
RIGHTS = defaultdict(
    lambda: ("releases", "write"),
    sync=("config", "mod"),
    migrate=("config", "mod"),
    **dict.fromkeys(TURNS, ("releases", "mod")),
)
"""What a token must allow to have each work run again."""
UNASKED = {"inbox"}
"""The works that no person asked for: that one is done is no news."""
STAGES = {
    "each": _("one after the other"),
    "sum": _("summing the file"),
    "keep": _("keeping the file"),
    "analyse": _("reading the file"),
    "record": _("keeping the results"),
    "ask": _("asking the providers"),
    "archive": _("writing the volumes"),
    "sample": _("cutting the sample"),
    "describe": _("describing"),
    "flush": _("giving all to the disk"),
    "verify": _("reading all back"),
    "unpack": _("unpacking"),
    "store": _("giving all to the store of files"),
    "settle": _("waiting for the disk"),
    "publish": _("showing the release"),
    "write": _("writing the texts"),
    "index": _("reading the list of rules"),
    "download": _("downloading"),
    "switch": _("switching over"),
    "extract": _("taking the files out of the package"),
    "restore": _("putting back what was kept"),
    "connect": _("connecting"),
    "send": _("sending"),
}
