from releases import tracks


def test_a_video_is_told_by_all_that_is_known_of_it() -> None:
    known = {"codec": "hevc", "width": 3840, "height": 2160, "fps": 23.976, "bit_depth": 10}

    told = tracks.video({**known, "hdr": "HDR10", "bit_rate": 15_000_400})

    assert told == "H.265, 3840 x 2160, 23.976 fps, 10 bits, HDR10, 15000 kb/s"


def test_what_is_not_known_or_usual_is_not_told() -> None:
    assert tracks.video({"codec": "vvc", "bit_depth": 8, "fps": None, "hdr": None}) == "VVC"
    assert tracks.audio([{"codec": "aac", "language": None, "title": ""}]) == [
        "unknown language, AAC"
    ]


def test_sound_and_subtitles_are_told_track_by_track() -> None:
    assert tracks.audio(
        [
            {"codec": "eac3", "channels": 6, "language": "fr-CA", "title": "French"},
            {"codec": "aac", "channels": 3, "language": "en", "title": "Commentary"},
        ]
    ) == ["French, E-AC-3 5.1", "English, AAC 3 channels, Commentary"]
    assert tracks.subtitles(
        [{"codec": "srt", "language": "de", "forced": True, "title": "Forced"}]
    ) == ["German, SRT, forced"]


def test_a_file_that_is_no_video_has_the_same_facts_all_empty() -> None:
    of_a_book, of_a_video = tracks.facts({}), tracks.facts({"duration": 1.5, "video": {}})

    assert of_a_book.keys() == of_a_video.keys()
    assert of_a_book == {
        "duration": 0,
        "video": "",
        "audio": [],
        "subtitles": [],
        "mediainfo": {"codec": ""},
    }
    assert of_a_video["mediainfo"] == {"codec": "", "duration": 1.5, "video": {}}
