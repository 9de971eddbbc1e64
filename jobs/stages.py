"""How people are told what the works of jobs, and their stages, are called in code."""

from django.utils.translation import gettext_lazy as _

WORKS = {
    "analysis": _("Analysis"),
    "enrich": _("Enrichment"),
    "pack": _("Packing"),
    "migrate": _("Moving templates"),
    "sync": _("Synchronization of rules"),
    "lint": _("Conformity"),
}
STAGES = {
    "analyse": _("reading the file"),
    "record": _("keeping the results"),
    "ask": _("asking the providers"),
    "archive": _("writing the volumes"),
    "sample": _("cutting the sample"),
    "describe": _("describing"),
    "flush": _("giving all to the disk"),
    "verify": _("reading all back"),
    "unpack": _("unpacking"),
    "settle": _("waiting for the disk"),
    "publish": _("showing the release"),
    "write": _("writing the texts"),
    "index": _("reading the list of rules"),
    "download": _("downloading"),
    "switch": _("switching over"),
}
