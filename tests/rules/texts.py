"""Texts of rules that never were, in the layouts that such texts come in. They are ours.

Each stands with what it tells; what it does not tell is not there.
"""

FRAMED = """
      ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
   ░▒▓█  The Harbour eBook Releasing Standards 2030  █▓▒░
      ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀
  ║ 1) GENERAL                                          ║
  ║ 1.1) Allowed formats are: PDF, ePUB, CBZ and        ║
  ║      MOBI.                                          ║
  ║ 2) PACKAGING                                        ║
  ║ 2.1) Releases must be packed with RAR, each         ║
  ║      volume in a ZIP of its own.                    ║
  ║ 2.2) Allowed sizes of the volumes are               ║
  ║      5.000.000, 15,000,000 or 50 MB.                ║
  ║ 2.3) There must be no more than 99 disks.           ║
  ║ 2.4) RAR5 is banned. Compression is optional.       ║
  ║ 2.5) Recovery records are not allowed.              ║
  ║ 3) NAMING                                           ║
  ║ 3.1) Directory names must not exceed 64 characters. ║
  ║ 3.2) Author.Title.YEAR.[LANGUAGE].SOURCE.[TAGS].[FORMAT].eBook-GROUP ║
  ║ 3.3) SOURCE is one of: RETAiL, HYBRiD, SCAN         ║
  ║ 4) NFO                                              ║
  ║ 4.1) The NFO is mandatory and must not be wider     ║
  ║      than 78 columns.                               ║
  ║ 4.2) file_id.diz is at most 45 columns and 11 lines.║
"""
BULLETS = """
========================================
 TIDEWATER TV RULES
========================================

Archives:
 - Releases must be archived in RAR4 format.
 - Volumes must be a multiple of 40,000,000 bytes.
 - A maximum of 90 volumes per release.
 - Larger volumes are fine while there are at least 12 volumes.
 - No recovery record.
 - Files must be stored (-m0).
 - Use of a password is forbidden.

Formats allowed:
 - MKV
 - MP4

Naming:
 - Show.Name.S01E02.[TAGS].720p.WEB.H264-GROUP
 - Dirname must not be longer than 200 chars.
 - File names must be lowercase and contain the group tag.

Sample:
 - Must last between 40 and 65 seconds.
"""
LEADERS = """
[ Lighthouse documents ruleset ]

Formats allowed .............: PDF, DOCX, ODT
Packing .....................: RAR volumes, each one in its own ZIP
Volume size .................: 3 MiB, 6 MiB
Number of volumes (max) .....: 50
Directory names: max length .: 120 characters
NFO width ...................: 72 columns
Directory template ..........: Publisher.Title.YEAR.SOURCE.eBook-GRP
"""
PROSE = """The Old Pier TV Standard

Releases are to be packed using RAR version 4. The archive volumes have sizes of 20 MB or 45 MB
and there are 1 to 60 volumes. RAR volumes must be stored. The container format is Matroska. An
SFV is mandatory, and the SFV must list only the RAR volumes. Directories are named
Series.SxxEyy.[LANGUAGE].RES.WEB.H265-GRP or, for daily shows, Series.YYYY.MM.DD.RES.WEB.H265-GRP
and directory names may have up to 180 characters. Subtitles must be muxed into the video. A
proof must be at least 800x600. The NFO is limited to 70 columns.
"""
LETTERED = """
    +--------------------------------------+
    |  Gull Island eBook Rules (2nd ed.)   |
    +--------------------------------------+
    I. PACKAGING
       a) Pack with RAR; every volume goes into its own ZIP.
       b) Volume sizes: 2,500,000 and 7,500,000 bytes.
       c) Not more than 80 disks.
       d) Names of ZIP files are 8.3, without spaces.
       e) ZIPs end in two digits.
    II. CONTENT
       a) Accepted formats: ePUB, AZW3.
       b) LIT and CHM formats are not accepted.
       c) Extras may be packed with the book.
    III. NAMES
       a) <Author>.<Title>.<YEAR>.<SOURCE>.[FORMAT].eBook-<GROUP>
       b) Directory names: at most 150 characters; file names: at most 90 characters.
"""
FRENCH = """
  ╔══════════════════════════════════════════════════╗
  ║   Règles TV du Vieux-Port                        ║
  ╚══════════════════════════════════════════════════╝
  1. ARCHIVES
  1.1 Les releases doivent être archivées en RAR4.
  1.2 Tailles autorisées des volumes : 15.000.000, 20 000 000 ou 30 Mo.
  1.3 Au maximum 75 volumes.
  1.4 Les archives RAR sont stockées, sans compression.
  1.5 Les données de récupération sont interdites.
  2. FORMAT
  2.1 Le seul conteneur autorisé est le MKV.
  3. NOMS
  3.1 Le nom du dossier ne doit pas dépasser 110 caractères.
  3.2 Nom.S01E02.[LANGUE].720p.HDTV.x264-GROUPE
  3.3 Les noms de fichiers doivent être en minuscules et contenir le tag du groupe.
  4. NFO
  4.1 Le NFO est obligatoire, au plus 79 colonnes.
  4.2 Un SFV est obligatoire.
  4.3 L'échantillon (sample) dure de 30 à 45 secondes.
"""
STARS = """
*** COMiC PiER eBook RULES ***

* Releases are RAR packed and each RAR is put in a ZIP.
* Allowed disk sizes: 5MB, 10MB, 25MB
* Max. 40 disks
* Allowed formats: CBZ, CBR
* Name.Vol.YEAR.SOURCE.COMiC.eBook-GRP
* No SFV
"""
SECTIONS = """
-[ Section 1: Breakwater TV rules ]-

  [1.1] The payload format is MKV or TS.
  [1.2] Archives must be in RAR3/RAR4 format.
  [1.3] Volumes have a size of n x 30,000,000 bytes.
  [1.4] There may not be more than 66 volumes.
  [1.5] Title.YEAR.[TAGS].RES.WEB.H264-GROUP
  [1.6] Tags: PROPER, REPACK, iNTERNAL.
  [1.7] READNFO must never be combined with PROPER or REPACK.
"""
FIXES = """
Sandbank eBook guidelines

1) Allowed formats: PDF.
2) RAR volumes, each in a ZIP.
3) Volume sizes are 1,000,000 bytes.
4) At most 9 volumes.
5) Author.Title.YEAR.eBook-GROUP
6) An NFOFiX contains the NFO only. A DiRFiX contains an NFO.
7) RARFIX and SFVFIX are not allowed.
8) The NFO must not be called info.nfo.
9) The NFO must state: language, ISBN, publication date.
"""
WIDE = """THE SHOAL TV RULES
""" + "\n".join(
    f"|{line:<70}|"
    for line in (
        "1.1 Video format must be MKV.",
        "1.2 Releases must be packed in RAR.",
        "1.3 The size of RAR volumes must be 25,000,000 or 35,000,000 bytes,",
        "    all volumes but the last being equal.",
        "1.4 No more than",
        "    55 volumes.",
        "1.5 Show.SxxEyy.WEB.H264-GRP",
        "1.6 Subdirectories allowed: Sample, Proof",
        "1.7 All files must have mode 0644.",
    )
)
SHOUTED = """
REEF EBOOK RULES
FORMATS: PDF
PACK WITH RAR, EACH VOLUME IN ITS OWN ZIP
VOLUME SIZES: 4 MB
MAXIMUM 33 DISKS
AUTHOR.TITLE.YEAR.EBOOK-GROUP
"""
SUBJECTS = """
Skerry eBook standard

Directory names
  These are at most 99 characters long.
  Author.Title.YEAR.SOURCE.eBook-GROUP

Volumes
  1.1 Pack with RAR and put each volume in a ZIP.
  1.2 Volume sizes: 6 MB, 12 MB.
  1.3 Up to 21 volumes.

Format
  2.1 PDF only.
"""

MILLION = 1_000_000
TOLD = {
    "framed": (
        FRAMED,
        {
            "release_type": "EBOOK",
            "formats": ["pdf", "epub", "cbz", "mobi"],
            "scheme": "zip",
            "volume_sizes": [5 * MILLION, 15 * MILLION, 50 * MILLION],
            "max_volumes": 99,
            "max_name_length": 64,
            "rar_versions": [4],
            "allows_compression": True,
            "allows_recovery": False,
            "nfo_columns": 78,
            "diz_columns": 45,
            "diz_lines": 11,
        },
    ),
    "bullets": (
        BULLETS,
        {
            "release_type": "TV",
            "formats": ["mkv", "mp4"],
            "scheme": "rar",
            "volume_sizes": [40 * MILLION],
            "volume_step": 40 * MILLION,
            "max_volumes": 90,
            "min_volumes_when_larger": 12,
            "max_name_length": 200,
            "rar_versions": [4],
            "allows_compression": False,
            "allows_recovery": False,
            "tagged_lower_case": True,
            "sample_s": [40, 65],
        },
    ),
    "leaders": (
        LEADERS,
        {
            "release_type": "DOCS",
            "formats": ["pdf", "docx", "odt"],
            "scheme": "zip",
            "volume_sizes": [3 * 1024**2, 6 * 1024**2],
            "max_volumes": 50,
            "max_name_length": 120,
            "nfo_columns": 72,
        },
    ),
    "prose": (
        PROSE,
        {
            "release_type": "TV",
            "formats": ["mkv"],
            "scheme": "rar",
            "volume_sizes": [20 * MILLION, 45 * MILLION],
            "max_volumes": 60,
            "max_name_length": 180,
            "rar_versions": [4],
            "allows_compression": False,
            "subtitles_in_video": True,
            "sfv": True,
            "proof_pixels": [800, 600],
            "nfo_columns": 70,
        },
    ),
    "lettered": (
        LETTERED,
        {
            "release_type": "EBOOK",
            "formats": ["epub", "azw3"],
            "scheme": "zip",
            "volume_sizes": [2_500_000, 7_500_000],
            "max_volumes": 80,
            "max_name_length": 150,
            "max_file_name_length": 90,
            "short_name": [8, 3],
            "disk_digits": 2,
            "allows_extras": True,
        },
    ),
    "french": (
        FRENCH,
        {
            "release_type": "TV",
            "formats": ["mkv"],
            "scheme": "rar",
            "volume_sizes": [15 * MILLION, 20 * MILLION, 30 * MILLION],
            "max_volumes": 75,
            "max_name_length": 110,
            "rar_versions": [4],
            "allows_compression": False,
            "allows_recovery": False,
            "tagged_lower_case": True,
            "nfo_columns": 79,
            "sfv": True,
            "sample_s": [30, 45],
        },
    ),
    "stars": (
        STARS,
        {
            "release_type": "EBOOK",
            "formats": ["cbz", "cbr"],
            "scheme": "zip",
            "volume_sizes": [5 * MILLION, 10 * MILLION, 25 * MILLION],
            "max_volumes": 40,
            "sfv": False,
        },
    ),
    "sections": (
        SECTIONS,
        {
            "release_type": "TV",
            "formats": ["mkv", "ts"],
            "scheme": "rar",
            "volume_sizes": [30 * MILLION],
            "volume_step": 30 * MILLION,
            "max_volumes": 66,
            "rar_versions": [4],
            "tags": ["PROPER", "REPACK", "iNTERNAL"],
            "never_with_readnfo": ["PROPER", "REPACK"],
        },
    ),
    "fixes": (
        FIXES,
        {
            "release_type": "EBOOK",
            "formats": ["pdf"],
            "scheme": "zip",
            "volume_sizes": [MILLION],
            "max_volumes": 9,
            "fixes": {"NFOFiX": ["nfo"], "DiRFiX": ["nfo"]},
            "refused_fixes": ["RARFIX", "SFVFIX"],
            "generic_nfos": ["info.nfo"],
            "nfo_mandatory": ["language", "isbn", "year"],
        },
    ),
    "wide": (
        WIDE,
        {
            "release_type": "TV",
            "formats": ["mkv"],
            "scheme": "rar",
            "volume_sizes": [25 * MILLION, 35 * MILLION],
            "max_volumes": 55,
            "folders": ["Sample", "Proof"],
            "file_mode": 0o644,
        },
    ),
    "shouted": (
        SHOUTED,
        {
            "release_type": "EBOOK",
            "formats": ["pdf"],
            "scheme": "zip",
            "volume_sizes": [4 * MILLION],
            "max_volumes": 33,
        },
    ),
    "subjects": (
        SUBJECTS,
        {
            "release_type": "EBOOK",
            "formats": ["pdf"],
            "scheme": "zip",
            "volume_sizes": [6 * MILLION, 12 * MILLION],
            "max_volumes": 21,
            "max_name_length": 99,
        },
    ),
}
