"""Small real videos, made by ffmpeg."""

import subprocess
from pathlib import Path

from tests.packing.conftest import judge

RATE = 5


def make_film(path: Path, length_s: int, *, key_every_s: int = 4, sound: bool = False) -> Path:
    """Write a Matroska file of coloured bars, and return its path."""
    sources = ["-f", "lavfi", "-i", f"testsrc=s=64x48:r={RATE}:d={length_s}"]
    if sound:
        sources += ["-f", "lavfi", "-i", f"sine=r=8000:d={length_s}"]
    frames = str(RATE * key_every_s)
    keys = ["-g", frames, "-keyint_min", frames, "-sc_threshold", "0"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", *keys, "-c:a", "ac3"]
    return ffmpeg(path, *sources, *coding)


def ffmpeg(path: Path, *arguments: str) -> Path:
    command = [judge("ffmpeg"), "-v", "error", "-nostdin", *arguments, str(path)]
    subprocess.run(command, check=True)
    return path


def packets(path: Path, selection: str = "v:0") -> list[str]:
    """Return the sums of what the frames of one stream hold."""
    command = [judge("ffprobe"), "-v", "error", "-select_streams", selection, "-show_packets"]
    command += ["-show_data_hash", "md5", "-show_entries", "packet=data_hash", "-of", "csv=p=0"]
    return subprocess.check_output([*command, str(path)], text=True).split()
