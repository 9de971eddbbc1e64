"""Everything one can do to the rules library. The pages, the API and the commands call these."""

from rulebook.actions.downloads import Downloaded, NotListed, Outcome, download_rule
from rulebook.actions.library import (
    NewRule,
    RuleConflict,
    RuleEdit,
    delete_rule,
    delete_rules,
    edit_rule,
    import_rule,
    restore_version,
)
from rulebook.actions.sync import SYNC, plan_sync, request_sync, start_due_sync, sync_rules
from rulebook.actions.texts import ENCODINGS, ReadText, read_text, sent_bytes, text_version
from rulebook.actions.uses import Uses, uses, uses_of

__all__ = [
    "ENCODINGS",
    "SYNC",
    "Downloaded",
    "NewRule",
    "NotListed",
    "Outcome",
    "ReadText",
    "RuleConflict",
    "RuleEdit",
    "Uses",
    "delete_rule",
    "delete_rules",
    "download_rule",
    "edit_rule",
    "import_rule",
    "plan_sync",
    "read_text",
    "request_sync",
    "restore_version",
    "sent_bytes",
    "start_due_sync",
    "sync_rules",
    "text_version",
    "uses",
    "uses_of",
]
