"""Facts of releases that were never made, to show what a template gives."""

from typing import Any

from releases.tracks import facts as facts_of_tracks

BLANK: dict[str, Any] = dict.fromkeys(
    (
        *("title", "author", "publisher", "year", "language", "isbn", "edition", "series"),
        *("genre", "source", "category", "volume", "issue", "issue_date", "url", "description"),
        *("episode", "episode_title", "resolution", "tv_format", "tags"),
        *("name", "type", "group", "rule", "released_on", "language_name", "format", "sha256"),
        "pages",
    ),
    "",
) | {"size": 0, "volumes": 0, "volume_bytes": 0, "structure": [], **facts_of_tracks({})}
"""Every fact, all of them unknown."""

BOOK = BLANK | {
    "name": "Jules.Verne.Vingt.mille.lieues.sous.les.mers.1870.FRENCH.RETAiL.ePUB.eBook-GRP",
    "type": "EBOOK",
    "group": "GRP",
    "rule": "2022_EBOOK",
    "released_on": "2026-01-02",
    "title": "Vingt mille lieues sous les mers",
    "author": "Jules Verne",
    "publisher": "J. Hetzel et Cie",
    "year": 1870,
    "language": "fr",
    "language_name": "French",
    "series": "Voyages extraordinaires #6",
    "genre": "Adventure",
    "source": "RETAiL",
    "url": "https://example.org/vingt-mille-lieues",
    "description": (
        "Professor Aronnax joins the hunt for a sea monster that haunts the shipping lanes. "
        "What he finds is no animal but a vessel, the Nautilus, and the man who built it to "
        "be done with every shore."
    ),
    "format": "EPUB",
    "size": 8_912_896,
    "sha256": "9f2c5ad1" * 8,
    "pages": 434,
    "volumes": 2,
    "volume_bytes": 5_000_000,
    "structure": [{"path": f"OEBPS/chapter-{number:02}.xhtml"} for number in range(1, 48)],
}
DOCUMENT = BLANK | {
    "name": "Harbour.Press.Dry.Stone.Walls.Second.Edition.2021.RETAiL.eBook-GRP",
    "type": "DOCS",
    "group": "GRP",
    "rule": "HOUSE_DOCS",
    "released_on": "2026-01-02",
    "title": "Dry Stone Walls: A Field Manual",
    "author": "Ann Carter & Tom Weir",
    "publisher": "Harbour Press",
    "year": 2021,
    "language": "en",
    "language_name": "English",
    "edition": "Second Edition",
    "genre": "Crafts",
    "source": "RETAiL",
    "category": "TECHNICAL",
    "url": "https://example.org/dry-stone-walls",
    "description": "How to choose, dress and lay stone so that a wall stands without mortar.",
    "format": "PDF",
    "size": 24_117_248,
    "sha256": "51b0e77c" * 8,
    "pages": 212,
    "volumes": 5,
    "volume_bytes": 5_000_000,
}
EPISODE = BLANK | {
    "name": "Harbour.Lights.S01E02.The.Long.Pier.1080p.WEB.H264-GRP",
    "type": "TV",
    "group": "GRP",
    "rule": "2020_WDX",
    "released_on": "2026-01-02",
    "title": "Harbour Lights",
    "episode": "S01E02",
    "episode_title": "The Long Pier",
    "year": 2024,
    "language": "en",
    "language_name": "English",
    "resolution": "1080p",
    "tv_format": "WEB.H264",
    "genre": "Drama",
    "url": "https://example.org/harbour-lights",
    "description": "The keeper of the light finds a boat adrift, and nobody who misses it.",
    "format": "MKV",
    "size": 1_847_590_912,
    "sha256": "c03f88e2" * 8,
    "volumes": 37,
    "volume_bytes": 50_000_000,
    **facts_of_tracks(
        {
            "format": "Matroska",
            "duration": 2538.4,
            "video": {
                "codec": "h264",
                "width": 1920,
                "height": 1080,
                "fps": 23.976,
                "bit_depth": 8,
                "bit_rate": 5_200_000,
                "hdr": None,
            },
            "audio": [
                {"codec": "eac3", "channels": 6, "language": "en", "bit_rate": 640_000},
                {"codec": "aac", "channels": 2, "language": "fr", "bit_rate": 128_000},
            ],
            "subtitles": [
                {"codec": "srt", "language": "en"},
                {"codec": "srt", "language": "fr", "forced": True},
            ],
        }
    ),
}
SPECIMENS = {"EBOOK": BOOK, "DOCS": DOCUMENT, "TV": EPISODE}
"""By type of release."""
