"""What a release holds that nobody can judge without a password or another program."""

from collections.abc import Iterator, Sequence

from releases.packing.plan import Note
from releases.packing.verify.readings import TEXTS, Reading

UNPACKED = "%(entry)s in %(file)s is compressed: its parts are sound, the whole was not unpacked"
LOCKED = "%(entry)s in %(file)s needs a password: the whole was not unpacked"
UNKEPT = "%(file)s is longer than what is read here: its text was not judged"
UNREAD = "%(entry)s in %(file)s is encrypted, or packed in a way that is not read here"


def unjudged(readings: Sequence[Reading]) -> Iterator[Note]:
    """Yield what could not be summed."""
    for reading in readings:
        if reading.kind in TEXTS and reading.size and not reading.contents.text:
            yield Note(UNKEPT, file=reading.path)
        yield from _of_volume(reading)
        yield from _of_archive(reading)


def _of_volume(reading: Reading) -> Iterator[Note]:
    volume = reading.contents.volume
    for part in volume.parts if volume else ():
        if part.is_unsummed:
            template = LOCKED if part.is_encrypted else UNPACKED
            yield Note(template, entry=part.name, file=reading.path)


def _of_archive(reading: Reading) -> Iterator[Note]:
    archive = reading.contents.archive
    for entry in archive.entries if archive else ():
        if not entry.is_summed:
            yield Note(UNREAD, entry=entry.name, file=reading.path)
