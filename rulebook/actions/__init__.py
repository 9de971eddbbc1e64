"""Everything one can do to the rules library. The pages, the API and the commands call these."""

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
from rulebook.actions.texts import ENCODINGS, ReadText, read_text, sent_bytes, text_version
from rulebook.actions.uses import Uses, uses, uses_of

__all__ = [
    "ENCODINGS",
    "NewRule",
    "ReadText",
    "RuleConflict",
    "RuleEdit",
    "Uses",
    "delete_rule",
    "delete_rules",
    "edit_rule",
    "import_rule",
    "read_text",
    "restore_version",
    "sent_bytes",
    "text_version",
    "uses",
    "uses_of",
]
