"""Everything one can do to a release. The wizard, the API and the commands all call these."""

from releases.actions.bulk import (
    DEEDS,
    MOST,
    Prospect,
    do_bulk,
    prospects,
    request_bulk,
    undo_bulk,
)
from releases.actions.conformity import (
    CHECKS,
    check_conformity,
    checking_failed,
    request_check,
    request_check_of_zip,
)
from releases.actions.duplicates import Duplicate, Duplicated, may_confirm, settle_sum
from releases.actions.editing import discard_edits, edit_release, waiting_edits
from releases.actions.making import (
    NewRelease,
    create_release,
    find_duplicates,
    nfo_facts,
    refuse_taken,
    rendered_nfo,
    report,
)
from releases.actions.packing import pack_release, packing_failed, request_packing
from releases.actions.placeholders import placeholders
from releases.actions.previewing import Shown, shown
from releases.actions.refusal import (
    NothingToChange,
    Refused,
    ReleaseConflict,
    WrongFields,
    told,
)
from releases.actions.sampling import (
    diz_of,
    given_diz,
    given_facts,
    known_names,
    sample,
    sample_facts,
)
from releases.actions.sources import (
    analyse_source,
    check_source,
    discard_source,
    receive_source,
    register_source,
    request_analysis,
)
from releases.actions.template_imports import read_template
from releases.actions.template_storage import (
    lies_there,
    migrate_templates,
    planned_migration,
    request_migration,
)
from releases.actions.template_texts import NewTemplate, TemplateConflict, WrongField, catch_up
from releases.actions.template_texts import check as check_template
from releases.actions.templates import (
    change_template,
    create_template,
    delete_template,
    duplicate_template,
    forget_own_default,
    make_own_default,
    make_system_default,
    may_change,
    restore_version,
)
from releases.actions.trash import (
    discard_unneeded,
    empty_trash,
    forget_release,
    restore_release,
    trash_release,
)
from releases.actions.viewing import read_artifact, read_diz, read_nfo

__all__ = [
    "CHECKS",
    "DEEDS",
    "MOST",
    "Duplicate",
    "Duplicated",
    "NewRelease",
    "NewTemplate",
    "NothingToChange",
    "Prospect",
    "Refused",
    "ReleaseConflict",
    "Shown",
    "TemplateConflict",
    "WrongField",
    "WrongFields",
    "analyse_source",
    "catch_up",
    "change_template",
    "check_conformity",
    "check_source",
    "check_template",
    "checking_failed",
    "create_release",
    "create_template",
    "delete_template",
    "discard_edits",
    "discard_source",
    "discard_unneeded",
    "diz_of",
    "do_bulk",
    "duplicate_template",
    "edit_release",
    "empty_trash",
    "find_duplicates",
    "forget_own_default",
    "forget_release",
    "given_diz",
    "given_facts",
    "known_names",
    "lies_there",
    "make_own_default",
    "make_system_default",
    "may_change",
    "may_confirm",
    "migrate_templates",
    "nfo_facts",
    "pack_release",
    "packing_failed",
    "placeholders",
    "planned_migration",
    "prospects",
    "read_artifact",
    "read_diz",
    "read_nfo",
    "read_template",
    "receive_source",
    "refuse_taken",
    "register_source",
    "rendered_nfo",
    "report",
    "request_analysis",
    "request_bulk",
    "request_check",
    "request_check_of_zip",
    "request_migration",
    "request_packing",
    "restore_release",
    "restore_version",
    "sample",
    "sample_facts",
    "settle_sum",
    "shown",
    "told",
    "trash_release",
    "undo_bulk",
    "waiting_edits",
]
