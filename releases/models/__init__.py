"""What is made, of what, and what it is described by."""

from releases.models.artifact import Artifact
from releases.models.delivery import Delivery
from releases.models.inbox import InboxFile, InboxFileQuerySet
from releases.models.release import (
    DELIVERS,
    MILLION,
    Release,
    ReleaseGroupPermission,
    ReleaseQuerySet,
    ReleaseUserPermission,
    file_stem,
)
from releases.models.revision import Revision
from releases.models.source import Source, SourceQuerySet
from releases.models.template import (
    DefaultTemplate,
    NfoTemplate,
    TemplateStorage,
    TemplateVersion,
)
from releases.models.types import ReleaseType
from releases.models.upload import Upload
from releases.models.volume_base import VolumeBase

__all__ = [
    "DELIVERS",
    "MILLION",
    "Artifact",
    "DefaultTemplate",
    "Delivery",
    "InboxFile",
    "InboxFileQuerySet",
    "NfoTemplate",
    "Release",
    "ReleaseGroupPermission",
    "ReleaseQuerySet",
    "ReleaseType",
    "ReleaseUserPermission",
    "Revision",
    "Source",
    "SourceQuerySet",
    "TemplateStorage",
    "TemplateVersion",
    "Upload",
    "VolumeBase",
    "file_stem",
]
