"""The pages of what keeps an instance for years."""

from django.utils.translation.trans_null import gettext_noop as _

from cli.manual import INSTANCE, Example, Page

UPKEEP_PAGES = {
    "backup": Page(
        text=(
            _(
                "Writes all rows and files of the instance as they are at one moment, while the "
                "site and its workers go on. Into a folder it makes a new one each time, whose "
                "unchanged files are those of the one before."
            ),
            _(
                "What is missing or damaged in the instance is named, and the rest is backed up. "
                "CREDENTIAL_KEYS, SECRET_KEY and JWT_SECRET_KEY are not in it: keep them apart."
            ),
            _("A backup that is interrupted leaves none."),
        ),
        examples=(
            Example(_("Back up into a new folder there:"), "packer backup /srv/backups"),
            Example(_("Write one file:"), "packer backup /srv/today.tar"),
            Example(
                _("Back up the rows alone, for a program:"),
                "packer backup /srv/rows.tar --without-files --json",
            ),
        ),
        exits=(),
        variables=INSTANCE,
        also=("restore", "check", "rotate-keys"),
    ),
    "restore": Page(
        text=(
            _(
                "Makes the instance of a backup, in an empty database of either kind and empty "
                "folders, without packer setup before. The whole backup is read and the keys are "
                "tried before anything is written."
            ),
            _("One that was interrupted is run again with the same backup, and begins anew."),
        ),
        examples=(
            Example(
                _("Restore into the database and the folders of the environment:"),
                "packer restore /srv/backups/packer-20260102T030405Z",
            ),
            Example(
                _("The same of one file, for a program:"), "packer restore /srv/today.tar --json"
            ),
        ),
        exits=(),
        variables=INSTANCE,
        also=("backup", "check"),
    ),
    "check": Page(
        text=(
            _(
                "Names files that are missing, changed, or belong to nothing, and rows that point "
                "nowhere. It may run at any time: what a job is at is left alone."
            ),
            _(
                "With --repair what belongs to nothing is moved aside, for a person to look at; "
                "nothing is removed."
            ),
        ),
        examples=(
            Example(_("Read every file:"), "packer check"),
            Example(_("Look at their sizes alone:"), "packer check --quick"),
            Example(_("Move orphans aside:"), "packer check --repair"),
            Example(_("Read what is wrong by a program:"), "packer check --json"),
        ),
        exits=(),
        variables=INSTANCE,
        also=("backup", "restore", "verify"),
    ),
    "store": Page(
        text=(
            _(
                "Puts what lay on this machine before S3_BUCKET was set into the store of files: "
                "sent files, covers, packages. What is there is not sent again; run it on each "
                "machine that has some. The files stay here, as copies."
            ),
        ),
        examples=(
            Example(_("Change an instance over:"), "packer store push"),
            Example(_("The same for a program:"), "packer store push --json"),
        ),
        exits=(),
        variables=INSTANCE,
        also=("backup", "check"),
    ),
    "rotate-keys": Page(
        text=(
            _(
                "Encrypts all stored credentials under the first of CREDENTIAL_KEYS, or, where "
                "one cannot be opened, none."
            ),
        ),
        examples=(
            Example(_("After a new key was put first:"), "packer rotate-keys"),
            Example(_("The same for a program:"), "packer rotate-keys --json"),
        ),
        variables=INSTANCE,
        also=("setup",),
    ),
}
