"""Video files, through the libmediainfo that pymediainfo brings.

Source: https://mediaarea.net/en/MediaInfo/Support/Tags.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from releases.metadata import fields
from releases.metadata.archive import IMAGE_LIMIT
from releases.metadata.candidate import Analysis
from releases.metadata.problem import Problem, problem
from releases.metadata.sniff import HEAD_BYTES, sniff

Track = Mapping[str, Any]

TRACK_LIMIT = 200
READ_LIMIT = 192 << 20
"""Bytes read of one file: of some kinds MediaInfo would read a tenth, however large they are."""

VIDEO_CODECS = {
    "AVC": "h264",
    "HEVC": "hevc",
    "VVC": "vvc",
    "VC-1": "vc1",
    "MPEG-4 Visual": "mpeg4",
    "MPEG Video": "mpeg2",
}
AUDIO_CODECS = {
    "AC-3": "ac3",
    "E-AC-3": "eac3",
    "MLP FBA": "truehd",
    "MLP": "mlp",
    "MPEG Audio": "mp3",
}
SUBTITLE_CODECS = {
    "UTF-8": "srt",
    "Timed Text": "tx3g",
    "DVB Subtitle": "dvbsub",
}
"""Names as people write them, by the names of MediaInfo; others are put in lower case."""
EARLIER_VERSIONS = {
    ("MPEG Video", "Version 1"): "mpeg1",
    ("MPEG Audio", "Layer 2"): "mp2",
    ("MPEG Audio", "Layer 1"): "mp1",
}
CODEC_HINTS = ("xvid", "divx")
DYNAMIC_RANGES = (
    ("Dolby Vision", ("Dolby Vision",)),
    ("HDR10+", ("SMPTE ST 2094 App 4", "HDR10+")),
    ("HDR10", ("SMPTE ST 2086", "HDR10", "PQ")),
    ("HLG", ("HLG",)),
)
FAIRPLAY_CODECS = {"drmi", "drms"}

_BASE64 = re.compile(r'<(?P<name>\w+) dt="binary\.base64">(?P<text>[\w+/=]*)<')
_LOCKED_MATROSKA = re.compile(rb"\x6d\x80.{1,8}\x62\x40.{1,64}\x50\x35", re.DOTALL)
"""ContentEncodings, ContentEncoding, ContentEncryption."""


def read(path: Path) -> Analysis:
    kind, size = sniff(path), path.stat().st_size
    try:
        tracks = _tracks(path)
    except (ParseError, RuntimeError):
        unread = problem("MediaInfo cannot read the file.")
        return Analysis(format=kind, size=size, valid=False, problems=(unread,))
    general = next((track for track in tracks if track["track_type"] == "General"), {})
    problems = tuple(_problems(general, tracks))
    drm = _drm(path, tracks)
    metadata, sources = _metadata(general)
    if chapters := _chapters(tracks):
        metadata["chapters"], sources["chapters"] = chapters, "MediaInfo Menu"
    return Analysis(
        format=kind,
        size=size,
        valid=not problems,
        problems=problems,
        drm=drm,
        encrypted=bool(drm),
        metadata=metadata,
        sources=sources,
        mediainfo=_mediainfo(general, tracks, size),
        cover=general.get("cover") == "Yes",
    )


class Start:
    """A file that seems to end once enough of it was read, wherever that was."""

    mode = "rb"

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.left = file, READ_LIMIT
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data


def cover(path: Path) -> bytes:
    """Return the picture attached to the file, or nothing."""
    try:
        tracks = _tracks(path, cover_data=True)
    except (ParseError, RuntimeError):
        return b""
    attached = (str(track.get("cover_data", "")) for track in tracks)
    first = next(filter(None, attached), "").partition(" / ")[0]
    try:
        return b64decode(first) if len(first) <= IMAGE_LIMIT else b""
    except ValueError:
        return b""


def _tracks(path: Path, *, cover_data: bool = False) -> list[Track]:
    """What MediaInfo says of each track, and if asked for the attached picture.

    It is handed the bytes, not the name: so it follows no reference to other files, and
    the name cannot pass for an address.
    """
    from pymediainfo import MediaInfo  # noqa: PLC0415  # takes longer than reading a book

    with path.open("rb") as file:
        report = MediaInfo.parse(Start(file), output="OLDXML", cover_data=cover_data)
    parsed = MediaInfo(_BASE64.sub(_decoded, report))
    return [track.to_data() for track in parsed.tracks[:TRACK_LIMIT]]


def _decoded(element: re.Match[str]) -> str:
    """An element as it would be if its text held no control characters."""
    text = b64decode(element["text"]).decode("utf-8", "replace")
    return f"<{element['name']}>{escape(fields.clean(text))}<"


def _problems(general: Track, tracks: list[Track]) -> Iterator[Problem]:
    if not general.get("format"):
        yield problem("The file begins like a video, but nothing in it can be read.")
    elif not (_of_type(tracks, "Video") or _of_type(tracks, "Audio")):
        yield problem("The file has neither a video nor an audio track.")
    if general.get("istruncated") == "Yes":
        yield problem("The file is cut short: its headers announce more than there is.")


def _drm(path: Path, tracks: list[Track]) -> str:
    codecs = {code for track in tracks for code in str(track.get("codec_id")).split(" / ")}
    if codecs & FAIRPLAY_CODECS:
        return "Apple FairPlay"
    with path.open("rb") as file:  # MediaInfo tells of encryption in MP4 only
        is_locked = _LOCKED_MATROSKA.search(file.read(HEAD_BYTES))
    if is_locked or any(track.get("encryption") for track in tracks):
        return "encrypted tracks"
    return ""


def _metadata(general: Track) -> tuple[dict[str, Any], dict[str, str]]:
    metadata: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for field, tag, reading in TAGS:
        value = reading(str(general.get(tag, "")))
        if value and field not in metadata:
            metadata[field] = value
            sources[field] = f"MediaInfo General {tag}"
    return metadata, sources


def _mediainfo(general: Track, tracks: list[Track], size: int) -> dict[str, Any]:
    videos = [_video(track) for track in _of_type(tracks, "Video")]
    duration_ms = _number(general, "duration")
    return {
        "format": general.get("format", ""),
        "size": size,
        "duration": duration_ms / 1000 if duration_ms else None,
        "bit_rate": _whole(general, "overall_bit_rate"),
        "writing_application": fields.clean(str(general.get("writing_application", ""))),
        "video": videos[0] if videos else {},
        "audio": [_audio(track) for track in _of_type(tracks, "Audio")],
        "subtitles": [_subtitle(track) for track in _of_type(tracks, "Text")],
    }


def _chapters(tracks: list[Track]) -> int:
    """How many chapters the fullest menu lists: it numbers them among its own fields."""
    menus = _of_type(tracks, "Menu")
    counts = [
        (_whole(menu, "chapters_pos_end") or 0) - (_whole(menu, "chapters_pos_begin") or 0)
        for menu in menus
    ]
    return max([0, *counts])


def _of_type(tracks: list[Track], kind: str) -> list[Track]:
    return [track for track in tracks if track["track_type"] == kind]


def _video(track: Track) -> dict[str, Any]:
    return {
        "codec": _codec(track, VIDEO_CODECS),
        "width": _whole(track, "width"),
        "height": _whole(track, "height"),
        "fps": _number(track, "frame_rate"),
        "bit_depth": _whole(track, "bit_depth"),
        "bit_rate": _whole(track, "bit_rate"),
        "scan_type": fields.clean(str(track.get("scan_type", ""))),
        "frame_rate_mode": fields.clean(str(track.get("frame_rate_mode", ""))),
        "profile": fields.clean(str(track.get("format_profile", ""))),
        "hdr": _hdr(track),
    }


def _audio(track: Track) -> dict[str, Any]:
    return {
        "codec": _codec(track, AUDIO_CODECS),
        "name": fields.clean(str(track.get("commercial_name", ""))),
        "channels": _whole(track, "channel_s"),
        "bit_rate": _whole(track, "bit_rate"),
        "sampling_rate": _whole(track, "sampling_rate"),
        **_labels(track),
    }


def _subtitle(track: Track) -> dict[str, Any]:
    return {
        "codec": _codec(track, SUBTITLE_CODECS),
        "forced": track.get("forced") == "Yes",
        **_labels(track),
    }


def _labels(track: Track) -> dict[str, Any]:
    return {
        "language": fields.language(str(track.get("language", ""))) or None,
        "title": fields.clean(str(track.get("title", ""))),
        "default": track.get("default") == "Yes",
    }


def _codec(track: Track, names: Mapping[str, str]) -> str:
    known_as = str(track.get("format", ""))
    hints = f"{track.get('codec_id_hint', '')} {track.get('codec_id', '')}".lower()
    for hint in CODEC_HINTS:
        if hint in hints:
            return hint
    for key in ("format_version", "format_profile"):
        earlier = EARLIER_VERSIONS.get((known_as, str(track.get(key))))
        if earlier:
            return earlier
    return names.get(known_as, fields.clean(known_as).lower())


def _hdr(track: Track) -> str | None:
    keys = ("hdr_format", "hdr_format_compatibility", "transfer_characteristics")
    said = " ".join(str(track.get(key, "")) for key in keys)
    names = (name for name, marks in DYNAMIC_RANGES if any(mark in said for mark in marks))
    return next(names, None)


def _number(track: Track, key: str) -> float | None:
    try:
        return float(track[key])
    except (KeyError, TypeError, ValueError):
        return None


def _whole(track: Track, key: str) -> int | None:
    number = _number(track, key)
    return None if number is None else int(number)


def _ordinal(text: str) -> int | None:
    """The first number of `7` or `7/10`."""
    number = fields.index(text)
    return None if number is None else int(number)


TAGS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("title", "title", fields.known),
    ("title", "movie_name", fields.known),
    ("year", "released_date", fields.year),
    ("year", "recorded_date", fields.year),
    ("series", "collection", fields.known),
    ("season", "season", _ordinal),
    ("episode", "part", _ordinal),
    ("description", "description", fields.known),
)
"""Field, tag of MediaInfo, what the tag is read as; the first tag that says something wins."""
