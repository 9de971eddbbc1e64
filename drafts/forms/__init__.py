"""One form per step, for the wizard's pages and the API alike.

Forms check shape and ask the actions for meaning. Field names are those of the API.
"""

from drafts.forms.base import StepForm, stored
from drafts.forms.file import Analysis, ChooseRule, ChooseSource, Group, Type
from drafts.forms.metadata import Enrichment
from drafts.forms.package import Destination, Nfo, Options

__all__ = [
    "Analysis",
    "ChooseRule",
    "ChooseSource",
    "Destination",
    "Enrichment",
    "Group",
    "Nfo",
    "Options",
    "StepForm",
    "Type",
    "stored",
]
