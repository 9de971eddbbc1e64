"""What is made, of what, and what it is described by."""

from releases.models.artifact import Artifact
from releases.models.release import (
    MILLION,
    Release,
    ReleaseGroupPermission,
    ReleaseQuerySet,
    ReleaseUserPermission,
    file_stem,
)
from releases.models.source import Source, SourceQuerySet
from releases.models.template import (
    DefaultTemplate,
    NfoTemplate,
    TemplateStorage,
    TemplateVersion,
)
from releases.models.types import ReleaseType
from releases.models.volume_base import VolumeBase

__all__ = [
    "MILLION",
    "Artifact",
    "DefaultTemplate",
    "NfoTemplate",
    "Release",
    "ReleaseGroupPermission",
    "ReleaseQuerySet",
    "ReleaseType",
    "ReleaseUserPermission",
    "Source",
    "SourceQuerySet",
    "TemplateStorage",
    "TemplateVersion",
    "VolumeBase",
    "file_stem",
]
