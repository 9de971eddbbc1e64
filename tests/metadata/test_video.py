from pathlib import Path

import pytest

from releases.metadata import analyse, video
from tests.books import cut, make_video
from tests.metadata.mp4 import make_mp4, protection
from tests.packing.videos import ffmpeg, make_film


def test_read_tells_codec_size_and_length(tmp_path: Path) -> None:
    analysis = analyse(make_video(tmp_path / "a.mkv", width=1920, height=800, duration_s=2.5))

    picture = analysis.mediainfo["video"]
    assert (picture["codec"], picture["width"], picture["height"]) == ("h264", 1920, 800)
    assert (picture["fps"], analysis.mediainfo["duration"]) == (25.0, 2.5)
    assert (analysis.valid, analysis.problems, analysis.drm) == (True, (), "")


def test_read_tells_languages_of_sound_and_subtitles(tmp_path: Path) -> None:
    info = analyse(make_video(tmp_path / "a.mkv", languages=["fre", "en"])).mediainfo

    assert [(t["codec"], t["channels"], t["language"]) for t in info["audio"]] == [
        ("ac3", 6, "fr"),
        ("ac3", 6, "en"),
    ]
    assert [(t["codec"], t["language"], t["forced"]) for t in info["subtitles"]] == [
        ("srt", "fr", False),
        ("srt", "en", False),
    ]


def test_read_takes_the_title_from_the_tags(tmp_path: Path) -> None:
    analysis = analyse(make_video(tmp_path / "a.mkv", title="Été \u202eà Épinal"))

    assert analysis.metadata == {"title": "Été à Épinal"}
    assert analysis.sources == {"title": "MediaInfo General title"}


def test_read_takes_a_title_with_control_characters(tmp_path: Path) -> None:
    analysis = analyse(make_video(tmp_path / "a.mkv", title="<Bell> \x07 & Book\x01"))

    assert analysis.metadata["title"] == "<Bell> & Book"


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("V_MPEGH/ISO/HEVC", "hevc"),
        ("V_MPEG4/ISO/ASP", "mpeg4"),
        ("V_MPEG2", "mpeg2"),
        ("V_AV1", "av1"),
        ("V_VP9", "vp9"),
    ],
)
def test_read_names_the_codec_of_the_picture(tmp_path: Path, codec: str, name: str) -> None:
    analysis = analyse(make_video(tmp_path / "a.mkv", codec=codec))

    assert analysis.mediainfo["video"]["codec"] == name


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("A_AAC", "aac"),
        ("A_AC3", "ac3"),
        ("A_EAC3", "eac3"),
        ("A_DTS", "dts"),
        ("A_TRUEHD", "truehd"),
        ("A_MPEG/L3", "mp3"),
        ("A_FLAC", "flac"),
        ("A_OPUS", "opus"),
    ],
)
def test_read_names_the_codec_of_the_sound(tmp_path: Path, codec: str, name: str) -> None:
    analysis = analyse(make_video(tmp_path / "a.mkv", sound=codec, languages=["en"]))

    assert analysis.mediainfo["audio"][0]["codec"] == name


@pytest.mark.parametrize(("transfer", "name"), [(0, None), (1, None), (16, "HDR10"), (18, "HLG")])
def test_read_names_the_dynamic_range(tmp_path: Path, transfer: int, name: str | None) -> None:
    analysis = analyse(make_video(tmp_path / "a.mkv", transfer=transfer))

    assert analysis.mediainfo["video"]["hdr"] == name


def test_read_ignores_the_extension(tmp_path: Path) -> None:
    assert analyse(make_video(tmp_path / "a.mp4")).format == "mkv"


@pytest.mark.parametrize(
    ("content", "drm"),
    [
        (make_mp4(), ""),
        (make_mp4(b"encv", protection(b"cenc")), "encrypted tracks"),
        (make_mp4(b"drmi", protection(b"itun")), "Apple FairPlay"),
    ],
)
def test_read_names_the_protection_of_mp4(tmp_path: Path, content: bytes, drm: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    analysis = analyse(path)

    assert (analysis.format, analysis.valid) == ("mp4", True)
    assert (analysis.drm, analysis.encrypted) == (drm, bool(drm))


def test_read_names_the_protection_of_matroska(tmp_path: Path) -> None:
    assert analyse(make_video(tmp_path / "a.mkv", locked=True)).drm == "encrypted tracks"


def test_read_says_that_a_file_is_cut_short(tmp_path: Path) -> None:
    analysis = analyse(cut(make_video(tmp_path / "a.mkv"), 0.9))

    assert not analysis.valid
    assert "cut short" in " ".join(map(str, analysis.problems))
    assert analysis.mediainfo["video"]["width"] == 1280


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.mkv", b"\x1a\x45\xdf\xa3" + b"not a film at all" * 50),
        ("a.mp4", make_mp4()[:300]),
        ("a.avi", b"RIFF\x00\x10\x00\x00AVI " + bytes(200)),
        ("a.ts", (b"\x47" + bytes(187)) * 50),
    ],
)
def test_read_says_that_nothing_can_be_seen(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    analysis = analyse(path)

    assert (analysis.format, analysis.valid) == (name[2:], False)
    assert analysis.problems


CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=One
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=Two
"""


def test_chapters_and_an_attached_picture_are_found(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", 2, sound=True)
    chapters, picture = tmp_path / "chapters.txt", tmp_path / "cover.jpg"
    chapters.write_text(CHAPTERS)
    ffmpeg(picture, "-f", "lavfi", "-i", "color=red:s=32x48", "-frames:v", "1")
    attached = ["-attach", str(picture), "-metadata:s:t", "mimetype=image/jpeg"]
    inputs = ["-i", str(film), "-i", str(chapters), "-map_metadata", "1"]
    path = ffmpeg(tmp_path / "whole.mkv", *inputs, *attached, "-c", "copy")

    analysis = analyse(path)

    assert (analysis.metadata["chapters"], analysis.sources["chapters"]) == (2, "MediaInfo Menu")
    assert analysis.cover
    assert video.cover(path) == picture.read_bytes()


def test_a_video_without_picture_has_no_cover(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv")

    assert (analyse(path).cover, video.cover(path)) == (False, b"")


def test_no_more_than_the_limit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(100))
    monkeypatch.setattr(video, "READ_LIMIT", 30)

    with path.open("rb") as file:
        start = video.Start(file)
        pieces = [len(start.read(20)) for _ in range(3)]

    assert pieces == [20, 10, 0]


def test_a_book_that_is_only_heard_is_valid(tmp_path: Path) -> None:
    path = ffmpeg(tmp_path / "book.m4b", "-f", "lavfi", "-i", "sine=r=8000:d=1", "-f", "mp4")

    analysis = analyse(path)

    assert (analysis.valid, analysis.mediainfo["video"]) == (True, {})
    assert [track["codec"] for track in analysis.mediainfo["audio"]] == ["aac"]
