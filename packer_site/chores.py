"""What is done without being asked for: the table that jobs.duties asks, in the order of doing."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy as several

from accounts.actions.logins import sweep_logins
from api.models import forget_old_answers
from drafts.actions import sweep_drafts
from jobs.actions import sweep_jobs
from jobs.duties import Duty
from jobs.queue import forget_tasks, resend_forgotten
from notifications.actions import forget_old_messages, send_due
from packer_site.work import reclaim
from releases.actions import mending, trash
from releases.actions.inbox import watch_inbox
from releases.actions.uploads import sweep_expired
from releases.old_copies import sweep_copies

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def sync_when_due() -> int:
    from rulebook.actions import start_due_sync  # noqa: PLC0415  # 0.1 s that few looks need

    return 1 if start_due_sync() else 0


CHORES = {
    "reclaim": Duty(
        _("Jobs whose worker died"),
        reclaim,
        several("%(count)d job taken back", "%(count)d jobs taken back", "count"),
    ),
    "resend": Duty(
        _("Jobs that no worker heard of"),
        resend_forgotten,
        several("%(count)d job announced again", "%(count)d jobs announced again", "count"),
    ),
    "revisions-finish": Duty(
        _("Changes of releases that were cut short"),
        mending.finish_all,
        several("%(count)d change finished", "%(count)d changes finished", "count"),
    ),
    "inbox": Duty(
        _("Files in the inbox"),
        watch_inbox,
        several("%(count)d file to be examined", "%(count)d files to be examined", "count"),
    ),
    "sync": Duty(
        _("Synchronization of rules, where it is due"),
        sync_when_due,
        several("%(count)d started", "%(count)d started", "count"),
        every_s=MINUTE_S,
    ),
    "uploads": Duty(
        _("Files that stopped arriving"),
        sweep_expired,
        several("%(count)d upload removed", "%(count)d uploads removed", "count"),
        every_s=MINUTE_S,
    ),
    "trash": Duty(
        _("Releases in the trash"),
        trash.empty_trash,
        several("%(count)d release removed", "%(count)d releases removed", "count"),
        every_s=MINUTE_S,
    ),
    "copies": Duty(
        _("Copies of what the store of files holds"),
        sweep_copies,
        several("%(count)d copy removed", "%(count)d copies removed", "count"),
    ),
    "messages": Duty(
        _("Messages to people"),
        send_due,
        several("%(count)d message handed out", "%(count)d messages handed out", "count"),
    ),
    "old_messages": Duty(
        _("Messages that were sent long ago"),
        forget_old_messages,
        several("%(count)d message removed", "%(count)d messages removed", "count"),
        every_s=HOUR_S,
    ),
    "answers": Duty(
        _("Answers to requests that may come again"),
        forget_old_answers,
        several("%(count)d answer removed", "%(count)d answers removed", "count"),
        every_s=10 * MINUTE_S,
    ),
    "logins": Duty(
        _("Logins and sessions that are over"),
        sweep_logins,
        several("%(count)d login removed", "%(count)d logins removed", "count"),
        every_s=10 * MINUTE_S,
    ),
    "drafts": Duty(
        _("Drafts that nobody touches"),
        sweep_drafts,
        several("%(count)d draft removed", "%(count)d drafts removed", "count"),
        every_s=HOUR_S,
    ),
    "sources": Duty(
        _("Sent files that nothing was made of"),
        trash.sweep_sources,
        several("%(count)d file removed", "%(count)d files removed", "count"),
        every_s=HOUR_S,
    ),
    "revisions": Duty(
        _("Files of old revisions"),
        mending.prune_all,
        several("%(count)d revision thinned", "%(count)d revisions thinned", "count"),
        every_s=HOUR_S,
    ),
    "jobs": Duty(
        _("Jobs that are over"),
        sweep_jobs,
        several("%(count)d job removed", "%(count)d jobs removed", "count"),
        every_s=DAY_S,
    ),
    "queue": Duty(
        _("Notes of the queue"),
        forget_tasks,
        several("%(count)d note removed", "%(count)d notes removed", "count"),
        every_s=DAY_S,
    ),
}
