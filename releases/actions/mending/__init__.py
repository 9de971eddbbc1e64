"""What changes a release that was made: each keeps what it replaces, and can be taken back."""

from releases.actions.mending.asking import OPERATIONS, apply, propose, propose_undo, undo_revision
from releases.actions.mending.doing import mend_release, mending_failed, undo
from releases.actions.mending.finishing import finish_all
from releases.actions.mending.proposal import Change, Proposal, restored
from releases.actions.mending.revisions import can_be_undone, prune_all, with_standing

__all__ = [
    "OPERATIONS",
    "Change",
    "Proposal",
    "apply",
    "can_be_undone",
    "finish_all",
    "mend_release",
    "mending_failed",
    "propose",
    "propose_undo",
    "prune_all",
    "restored",
    "undo",
    "undo_revision",
    "with_standing",
]
