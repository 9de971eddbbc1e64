import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pymediainfo import MediaInfo

from releases.packing import sample
from releases.packing.plan import Note
from tests.books import cut as shortened
from tests.packing.conftest import judge
from tests.packing.videos import RATE, ffmpeg, make_film, packets


def unheard() -> None:
    pass


def cut(video: Path, target: Path) -> str:
    """Return why there is no sample; nothing when there is one."""
    return str(sample.cut(video, target, unheard) or "")


def seconds(path: Path) -> float:
    """Return how long MediaInfo, which our code does not ask, takes the video to be."""
    (general,) = MediaInfo.parse(path).general_tracks
    return float(general.duration) / 1000


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("videos") / "film.mkv", 150, sound=True)


def test_a_sample_is_a_minute_of_the_middle_not_encoded_again(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "sample.mkv"

    assert cut(film, target) == ""

    assert 60 <= seconds(target) <= 65
    piece, start = packets(target), 44 * RATE  # the key frame before (150 - 60) / 2 s
    assert packets(film)[start : start + len(piece)] == piece
    assert set(packets(target, "a:0")) < set(packets(film, "a:0"))


def test_the_same_video_gives_the_same_sample(film: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert cut(film, tmp_path / name) == ""

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_sample_replaces_what_an_earlier_attempt_left(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "sample.mkv"
    target.write_bytes(bytes(1_000_000))

    assert cut(film, target) == ""
    assert seconds(target) >= 60


def test_a_sample_has_all_streams_and_nothing_that_is_said_of_the_whole(
    film: Path, tmp_path: Path
) -> None:
    video = with_all_streams(film, tmp_path)
    target = tmp_path / "sample.mkv"

    assert cut(video, target) == ""

    asked = "stream=codec_type:stream_tags:chapter"
    command = [
        judge("ffprobe"),
        "-v",
        "error",
        "-show_entries",
        asked,
        "-of",
        "compact",
        str(target),
    ]
    told = subprocess.check_output(command, text=True)
    assert re.findall(r"codec_type=(\w+)", told) == ["video", "audio", "subtitle", "attachment"]
    assert "tag:language=fre" in told
    assert "BPS" not in told
    assert "chapter" not in told


def with_all_streams(film: Path, folder: Path) -> Path:
    """Return `film` with chapters, subtitles, a font, and statistics as mkvmerge writes them."""
    subtitles, chapters, font = (folder / name for name in ("s.srt", "c.txt", "f.ttf"))
    subtitles.write_text("1\n00:01:00,000 --> 00:01:02,000\nBonjour\n")
    font.write_bytes(b"font")
    chapters.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=149\ntitle=The whole\n"
    )
    files = [part for path in (film, chapters, subtitles) for part in ("-i", str(path))]
    maps = ["-map", "0", "-map", "2", "-map_chapters", "1", "-c", "copy"]
    tags = ["-metadata:s:v", "BPS-eng=123", "-metadata:s:s", "language=fre"]
    attached = ["-attach", str(font), "-metadata:s:t", "mimetype=application/x-truetype-font"]
    return ffmpeg(folder / "video.mkv", *files, *maps, *tags, *attached)


@pytest.mark.parametrize("key_every_s", [30, 1000])
def test_where_key_frames_are_rare_the_sample_begins_at_one(
    tmp_path: Path, key_every_s: int
) -> None:
    video = make_film(tmp_path / "video.mkv", 150, key_every_s=key_every_s)
    target = tmp_path / "sample.mkv"

    assert cut(video, target) == ""

    assert 50 <= seconds(target) <= 70
    begin = 30 * RATE if key_every_s == 30 else 0
    assert packets(target)[0] == packets(video)[begin]


def test_a_video_that_ends_before_it_says_is_cut_where_it_lasts(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", 200)
    target = tmp_path / "sample.mkv"

    assert cut(shortened(whole, 0.5), target) == ""
    assert 50 <= seconds(target) <= 70


def test_a_video_without_a_minute_between_its_key_frames_has_no_sample(tmp_path: Path) -> None:
    """Its only key frames are followed by a gap: a picture that stands for a quarter of an hour."""
    first = make_film(tmp_path / "first.mkv", 1)
    second = make_film(tmp_path / "second.mkv", 1)
    listing = tmp_path / "list.txt"
    listing.write_text(f"ffconcat version 1.0\nfile {first}\nduration 900\nfile {second}\n")
    video = ffmpeg(
        tmp_path / "video.mkv", "-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy"
    )

    assert cut(video, tmp_path / "sample.mkv") == (
        "No sample: the video cannot be cut to 50 to 70 s where it has key frames"
    )


def test_a_video_too_short_has_no_sample(tmp_path: Path) -> None:
    video = make_film(tmp_path / "video.mkv", 69)

    assert cut(video, tmp_path / "sample.mkv") == "No sample: the video is shorter than 70 s"
    assert not (tmp_path / "sample.mkv").exists()


def playlist(film: Path) -> bytes:
    return f"ffconcat version 1.0\nfile {film}\n".encode()


@pytest.mark.parametrize(
    "make",
    [lambda film: b"", lambda film: b"no video", playlist, lambda film: b"#EXTM3U\nhttp://x/y\n"],
    ids=["nothing", "text", "list of files", "list of addresses"],
)
def test_what_is_no_video_has_no_sample(
    film: Path, tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    video = tmp_path / "video.mkv"
    video.write_bytes(make(film))

    assert cut(video, tmp_path / "sample.mkv").startswith("No sample: ffmpeg cannot read the video")


@pytest.mark.parametrize("name", ["-h", "http:x", "a|b", "été %d.mkv", os.fsdecode(b"\xff.mkv")])
def test_a_video_of_any_name_is_cut(film: Path, tmp_path: Path, name: str) -> None:
    video = tmp_path / name
    video.symlink_to(film)

    assert cut(video, tmp_path / f"{name}-sample.mkv") == ""


def test_a_sample_larger_than_any_rule_allows_is_not_cut(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "MAX_BYTES", 10_000)

    assert cut(film, tmp_path / "sample.mkv").startswith("No sample: ffmpeg cannot cut the video")
    assert (tmp_path / "sample.mkv").stat().st_size <= 10_000


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that programs are looked for in."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.parametrize("present", [[], ["ffmpeg"], ["ffprobe"]])
def test_without_ffmpeg_a_note_says_what_to_do(
    film: Path, tmp_path: Path, programs: Path, present: list[str]
) -> None:
    for name in present:
        (programs / name).symlink_to("/bin/true")

    note = sample.cut(film, tmp_path / "sample.mkv", unheard)

    assert isinstance(note, Note)
    assert note.template == "No sample: ffmpeg is not installed. Install it, then pack again"


def test_without_ffprobe_no_length_is_known(film: Path, programs: Path) -> None:
    assert sample.duration_s(film, unheard) is None


def test_an_ffmpeg_that_writes_nothing_leaves_no_sample(
    film: Path, tmp_path: Path, programs: Path
) -> None:
    (programs / "ffmpeg").symlink_to("/bin/true")
    ffprobe = programs / "ffprobe"
    ffprobe.write_text(f"#!/bin/sh\nfor last; do :; done\n[ $last = file:{film} ] && echo 150\n")
    ffprobe.chmod(0o755)

    assert "cannot be cut" in cut(film, tmp_path / "sample.mkv")


def test_what_tick_raises_ends_the_cutting_and_ffmpeg(
    film: Path, tmp_path: Path, programs: Path
) -> None:
    ffprobe = programs / "ffprobe"
    ffprobe.write_text("#!/bin/sh\necho 150\n")
    ffprobe.chmod(0o755)
    impostor = programs / "ffmpeg"
    impostor.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec /bin/sleep 60\n")
    impostor.chmod(0o755)

    def cancel() -> None:
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise RuntimeError("Cancelled")

    with pytest.raises(RuntimeError, match="Cancelled"):
        sample.cut(film, tmp_path / "sample.mkv", cancel)

    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
