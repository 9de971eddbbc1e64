"""What providers say: hand-made, in the shapes of their answers."""

ISBN = "9782070368228"

EDITION_DATA = {
    "url": "https://openlibrary.org/books/OL1M/La_Peste",
    "key": "/books/OL1M",
    "title": "La Peste",
    "authors": [{"name": "Albert Camus"}, {"name": "A. Second"}],
    "publishers": [{"name": "Gallimard"}],
    "publish_date": "March 1972",
    "number_of_pages": 278,
    "subjects": [{"name": "Plague"}, {"name": "Algeria"}],
}
EDITION_DETAILS = {
    "key": "/books/OL1M",
    "title": "La Peste",
    "languages": [{"key": "/languages/fre"}],
    "series": ["Folio"],
    "description": {"type": "/type/text", "value": "<p>Rats &amp; men.</p>"},
}
WORK = {
    "key": "/works/OL2W",
    "title": "The Plague",
    "author_name": ["Albert Camus"],
    "first_publish_year": 1947,
    "language": ["eng", "fre"],
    "isbn": ["207036822X", ISBN, "9780141185132"],
    "publisher": ["Gallimard", "Penguin"],
    "subject": ["Fiction"],
}
VOLUME = {
    "id": "Abc_-123",
    "volumeInfo": {
        "title": "La Peste",
        "subtitle": "Roman",
        "authors": ["Albert Camus"],
        "publisher": "Gallimard",
        "publishedDate": "1972-03",
        "description": "<p>Rats <b>and</b> men.</p>",
        "industryIdentifiers": [
            {"type": "OTHER", "identifier": "HARVARD:1"},
            {"type": "ISBN_10", "identifier": "207036822X"},
            {"type": "ISBN_13", "identifier": "9782070368228"},
        ],
        "pageCount": 278,
        "categories": ["Fiction"],
        "language": "fr",
    },
}
OMDB_FOUND = {
    "Response": "True",
    "Search": [
        {"Title": "The Bridge Home", "Year": "2009", "imdbID": "tt0000002", "Type": "series"},
        {"Title": "The Bridge", "Year": "2011\u20132018", "imdbID": "tt0000001", "Type": "series"},
        {"Title": "The Bridge", "Year": "1999", "imdbID": "tt0000003", "Type": "game"},
        {"Title": "N/A", "Year": "1999", "imdbID": "tt0000004", "Type": "series"},
    ],
}
OMDB_SERIES = {
    "Response": "True",
    "Title": "The Bridge",
    "Year": "2011\u20132018",
    "Genre": "Crime, Drama",
    "Plot": "A body on a bridge.",
    "Language": "Swedish, Danish",
    "imdbID": "tt0000001",
    "Type": "series",
}
OMDB_EPISODE = {"Response": "True", "Title": "Episode #1.1", "Plot": "N/A", "Type": "episode"}
TMDB_SERIES = {
    "id": 45016,
    "name": "The Bridge",
    "first_air_date": "2011-09-21",
    "original_language": "sv",
    "overview": "A body on a bridge.",
    "genre_ids": [80],
}
TMDB_IN_FULL = TMDB_SERIES | {"genres": [{"id": 80, "name": "Crime"}, {"id": 18, "name": "Drama"}]}
TMDB_FILM = {
    "id": 19,
    "title": "Metropolis",
    "release_date": "1927-02-06",
    "original_language": "de",
    "media_type": "movie",
}
TVDB_FOUND = {
    "tvdb_id": "252019",
    "type": "series",
    "name": "The Bridge (2011)",
    "slug": "the-bridge-2011",
    "year": "2011",
    "primary_language": "swe",
    "overview": "A body on a bridge.",
    "overviews": {"fra": "Un corps sur un pont."},
}
TVDB_EPISODES = [
    {"seasonNumber": 1, "number": 1, "name": "One", "overview": "First."},
    {"seasonNumber": 1, "number": 2, "name": "Two", "overview": "Second."},
]
