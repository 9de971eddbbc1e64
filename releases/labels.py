"""What people call the fields of the metadata, and the facts of a file."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from releases.metadata.providers import PROVIDERS

Label = str | Promise
FILE, PERSON = "file", "person"
"""Who says what is known of a work, besides the providers."""
ORIGINS: dict[str, Label] = {FILE: _("the file"), PERSON: _("by hand")}

LABELS: dict[str, Label] = {
    "title": _("Title"),
    "author": _("Author"),
    "publisher": _("Publisher"),
    "year": _("Year"),
    "language": _("Language"),
    "isbn": "ISBN",
    "edition": _("Edition"),
    "series": _("Series"),
    "episode": _("Episode"),
    "episode_title": _("Episode title"),
    "tv_format": _("Format"),
    "resolution": _("Resolution"),
    "tags": _("Tags"),
    "source": _("Source"),
    "category": _("Category"),
    "volume": _("Volume"),
    "issue": _("Issue"),
    "issue_date": _("Date of the issue"),
    "genre": _("Genre"),
    "url": _("Source link"),
    "description": _("Description"),
    "authors": _("Authors"),
    "subtitle": _("Subtitle"),
    "alternative_title": _("Other title"),
    "series_index": _("Number in the series"),
    "season": _("Season"),
    "pages": _("Pages"),
    "chapters": _("Chapters"),
    "illustrators": _("Illustrators"),
    "translators": _("Translators"),
    "encoding": _("Encoding"),
    "format": _("Format"),
    "version": _("Version"),
    "size": _("Size"),
    "duration": _("Duration"),
    "container": _("Container"),
    "bit_rate": _("Bit rate"),
    "codec": "Codec",
    "width": _("Width"),
    "height": _("Height"),
    "fps": _("Frames per second"),
    "bit_depth": _("Bits per colour"),
    "hdr": "HDR",
    "scan_type": _("Scan"),
    "name": _("Name"),
    "channels": _("Channels"),
    "forced": _("Forced"),
    "default": _("Default"),
    "video": _("Video"),
    "audio": _("Audio"),
    "subtitles": _("Subtitles"),
    "outline": _("Outline"),
    "images": _("Pictures"),
    "lines": _("Lines"),
    "line_ends": _("Line ends"),
    "producer": _("Made with"),
    "program": _("Made with"),
    "writing_application": _("Made with"),
    "compiler": _("Compiled with"),
    "company": _("Company"),
    "created": _("Created"),
    "modified": _("Changed"),
    "characters": _("Characters"),
    "words": _("Words"),
    "topics": _("Topics"),
    "records": _("Records"),
    "compression": _("Compression"),
    "text_bytes": _("Size of the text"),
    "text_encoding": _("Encoding of the text"),
    "hybrid": _("Old and new format in one"),
    "encryption": _("Encryption"),
    "forbidden": _("What its owner forbids"),
    "page_width_mm": _("Page width"),
    "page_height_mm": _("Page height"),
    "cover_width": _("Cover width"),
    "cover_height": _("Cover height"),
    "dpi": _("Dots per inch"),
    "reading_direction": _("Reading direction"),
    "sampling_rate": _("Sampling rate"),
    "frame_rate_mode": _("Frame rate mode"),
    "profile": _("Profile"),
}


def origin(source: str) -> str:
    """Return who said a value; nothing where that is not known."""
    provider = PROVIDERS.get(source)
    return provider.title if provider else str(ORIGINS.get(source, source))


def label(name: str) -> str:
    """Return what people call the field `name`; of one we have no word for, its own."""
    return str(LABELS.get(name) or name.replace("_", " ").capitalize())
