"""Which volumes belong together, which of them are not there, and whether they fit."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from releases.packing import diz, rar
from releases.packing.rar import Damaged
from releases.packing.verify.readings import Reading

EXTENSION_NUMBER = re.compile(
    r"(?P<base>.+)\.(?:rar|(?P<letter>[r-z])(?P<number>\d\d))", re.IGNORECASE
)
PART_NUMBER = re.compile(r"(?P<base>.+\.part)(?P<number>\d+)(?P<end>\.rar)", re.IGNORECASE)
DISK_NUMBER = re.compile(r"(?P<base>.*)(?P<number>\d\d)(?P<end>\.zip)", re.IGNORECASE)

SEVERAL = 2
MAX_MISSING = 1000
"""More are not named: a name like .part999999999.rar would have all memory filled with them."""


@dataclass(frozen=True, slots=True)
class Series:
    """How the names of a set of volumes are formed."""

    folder: PurePosixPath
    base: str
    end: str = ""
    """What follows the number; nothing where the extension is the number: .rar, .r00, .r01."""
    digits: int = 0

    @property
    def key(self) -> tuple[PurePosixPath, str, str]:
        """Names of one set may differ in case."""
        return self.folder, self.base.lower(), self.end.lower()

    def path(self, index: int) -> PurePosixPath:
        """Return the path of the volume at `index`, from 0."""
        return self.folder / f"{self.base}{self._number(index)}{self.end}"

    def _number(self, index: int) -> str:
        if self.digits:
            return f"{index + 1:0{self.digits}}"
        hundreds, rest = divmod(index - 1, 100)
        return f".{chr(ord('r') + hundreds)}{rest:02}" if index else ".rar"


def placed(path: PurePosixPath) -> tuple[Series, int] | None:
    """Return the series that a volume's name belongs to, and its place there, from 0."""
    if found := PART_NUMBER.fullmatch(path.name) or DISK_NUMBER.fullmatch(path.name):
        number = found["number"]
        return Series(path.parent, found["base"], found["end"], len(number)), int(number) - 1
    if found := EXTENSION_NUMBER.fullmatch(path.name):
        hundreds = ord((found["letter"] or "r").lower()) - ord("r")
        index = hundreds * 100 + int(found["number"]) + 1 if found["number"] else 0
        return Series(path.parent, found["base"]), index
    return None


@dataclass(frozen=True, slots=True)
class VolumeSet:
    series: Series | None
    """None where the names do not count the volumes."""
    volumes: Mapping[int, Reading]
    """By their place, in order."""

    @property
    def count(self) -> int:
        """Return how many volumes there should be, as far as those that are there tell."""
        last, reading = list(self.volumes.items())[-1]
        volume = reading.contents.volume
        return _total(self.volumes.values()) or last + (1 if not volume or volume.is_last else 2)

    def missing(self) -> list[PurePosixPath]:
        if not self.series:
            return []
        absent = (index for index in range(self.count) if index not in self.volumes)
        return [self.series.path(index) for index in islice(absent, MAX_MISSING)]

    def misfits(self) -> Iterator[Damaged]:
        """Yield what keeps the volumes from being one complete archive."""
        yield from self._miscounted()
        if self.missing():
            return
        contents = [reading.contents for reading in self.volumes.values()]
        volumes = [content.volume for content in contents if content.volume]
        if len(volumes) == len(contents):
            yield from self._misnamed()
            yield from rar.check_set(volumes)
        elif volumes:
            yield from self._without_volume()

    def _miscounted(self) -> Iterator[Damaged]:
        """Yield the ZIPs whose file_id.diz does not count them as they are."""
        disks = self.count if self.series else len(self.volumes)
        for index, reading in self.volumes.items():
            archive = reading.contents.archive
            if archive and archive.diz and diz.counter(archive.diz) != (index + 1, disks):
                yield reading.damaged(
                    "file_id.diz in %(file)s does not say that it is disk %(disk)s of %(disks)s",
                    disk=index + 1,
                    disks=disks,
                )

    def _misnamed(self) -> Iterator[Damaged]:
        """Yield the first volume after which programs look for another name than there is."""
        if not self.series or len(self.volumes) < SEVERAL:
            return
        for reading in self.volumes.values():
            volume = reading.contents.volume
            is_numbered = self.series.end == ".rar"
            if volume and not reading.is_zip and volume.is_new_naming != is_numbered:
                yield reading.damaged(
                    "%(file)s says that its set is named otherwise: the next volume is not found"
                )
                return

    def _without_volume(self) -> Iterator[Damaged]:
        for reading in self.volumes.values():
            if reading.contents.archive and not reading.contents.volume:
                yield reading.damaged("%(file)s holds no RAR volume")


def volume_sets(readings: Sequence[Reading]) -> list[VolumeSet]:
    """Return the sets that the volumes among `readings` make."""
    volumes = [reading for reading in readings if reading.kind == "volume"]
    zips: defaultdict[PurePosixPath, list[Reading]] = defaultdict(list)
    rars: defaultdict[object, dict[int, Reading]] = defaultdict(dict)
    series: dict[object, Series] = {}
    for reading in volumes:
        place = placed(reading.path)
        if reading.is_zip:
            zips[reading.path.parent].append(reading)
        elif place:
            series.setdefault(place[0].key, place[0])
            rars[place[0].key][place[1]] = reading
    sets = [VolumeSet(series[key], dict(sorted(held.items()))) for key, held in rars.items()]
    return [*map(_zip_set, zips.values()), *sets]


def _zip_set(zips: Sequence[Reading]) -> VolumeSet:
    """Return the ZIPs of a folder in order: that of their numbers, where these count disks."""
    places = [place for reading in zips if (place := placed(reading.path))]
    numbers = [index for _, index in places]
    keys = {series.key for series, _ in places}
    total = _total(zips)
    if len(places) == len(zips) and len(keys) == 1 and max(numbers) < total:
        return VolumeSet(places[0][0], dict(sorted(zip(numbers, zips, strict=True))))
    return VolumeSet(None, dict(enumerate(zips)))


def _total(readings: Iterable[Reading]) -> int:
    """Return how many disks most descriptions count; 0 where none does."""
    archives = [reading.contents.archive for reading in readings]
    counters = [diz.counter(archive.diz) for archive in archives if archive]
    totals = Counter(counter[1] for counter in counters if counter)
    return totals.most_common(1)[0][0] if totals else 0
