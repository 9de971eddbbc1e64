"""The tracks of a video, in words. No Django here."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from releases.description import language_name

Track = Mapping[str, Any]

CODECS = {
    "aac": "AAC",
    "ac3": "AC-3",
    "ass": "ASS",
    "av1": "AV1",
    "divx": "DivX",
    "dts": "DTS",
    "dvbsub": "DVB",
    "eac3": "E-AC-3",
    "flac": "FLAC",
    "h264": "H.264",
    "hevc": "H.265",
    "mp2": "MP2",
    "mp3": "MP3",
    "mpeg1": "MPEG-1",
    "mpeg2": "MPEG-2",
    "mpeg4": "MPEG-4",
    "opus": "Opus",
    "pcm": "PCM",
    "pgs": "PGS",
    "srt": "SRT",
    "truehd": "TrueHD",
    "tx3g": "Timed Text",
    "vobsub": "VobSub",
    "vorbis": "Vorbis",
    "xvid": "XviD",
}
"""Names as they are printed; others are put in capitals."""
CHANNELS = {1: "1.0", 2: "2.0", 6: "5.1", 7: "6.1", 8: "7.1"}
USUAL_BITS = 8


def facts(mediainfo: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template may name of a video: texts, seconds, and all that was measured."""
    picture = mediainfo.get("video") or {}
    return {
        "duration": mediainfo.get("duration") or 0,
        "video": video(picture) if picture else "",
        "audio": audio(mediainfo.get("audio") or ()),
        "subtitles": subtitles(mediainfo.get("subtitles") or ()),
        "mediainfo": {"codec": codec(picture), **mediainfo},
    }


def codec(track: Track) -> str:
    name = str(track.get("codec") or "")
    return CODECS.get(name, name.upper())


def video(track: Track) -> str:
    """Return e.g. ``H.265, 1920 x 1080, 23.976 fps, 10 bits, HDR10, 4500 kb/s``."""
    width, height = track.get("width"), track.get("height")
    bits = track.get("bit_depth") or USUAL_BITS
    return listed(
        codec(track),
        f"{width} x {height}" if width and height else "",
        f"{track['fps']:g} fps" if track.get("fps") else "",
        f"{bits} bits" if bits != USUAL_BITS else "",
        str(track.get("hdr") or ""),
        bit_rate(track),
    )


def audio(tracks: Iterable[Track]) -> list[str]:
    """Return for each track e.g. ``French, E-AC-3 5.1, 640 kb/s``."""
    return [
        listed(language(track), sound(track), bit_rate(track), title(track)) for track in tracks
    ]


def subtitles(tracks: Iterable[Track]) -> list[str]:
    """Return for each track e.g. ``French, SRT, forced``."""
    return [
        listed(language(track), codec(track), title(track), "forced" if track.get("forced") else "")
        for track in tracks
    ]


def language(track: Track) -> str:
    said = str(track.get("language") or "")
    return language_name(said) if said else "unknown language"


def sound(track: Track) -> str:
    count = track.get("channels")
    heard = CHANNELS.get(count, f"{count} channels") if count else ""
    return " ".join(filled(codec(track), heard))


def bit_rate(track: Track) -> str:
    bits = track.get("bit_rate")
    return f"{round(bits / 1000)} kb/s" if bits else ""


def title(track: Track) -> str:
    """Return what the track is called, unless that is no more than said already."""
    said = str(track.get("title") or "")
    known = {"forced", language(track).casefold()}
    return "" if said.casefold() in known else said


def listed(*parts: str) -> str:
    return ", ".join(filled(*parts))


def filled(*parts: str) -> Iterator[str]:
    return filter(None, parts)
