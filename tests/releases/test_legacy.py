import pytest

from releases.templating import TemplateError, is_legacy, render, translated

FACTS = {"a": "A", "b": "", "mediainfo": {"codec": "AVC"}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{{#if a}}x{{/if}}", "{% if a %}x{% endif +%}"),
        ("{{#ifnot a}}x{{/ifnot}} y", "{% if not a %}x{% endif %} y"),
        ("{{ #if  a }}{{else}}{{ / if }}!", "{% if a %}{% else %}{% endif %}!"),
        ("{{#if mediainfo.codec}}{{mediainfo.codec}}{{/if}}!",
         "{% if mediainfo.codec %}{{mediainfo.codec}}{% endif %}!"),
        ("  {{#if a}}  \n x\n{{/if}}\n", "{% if a %}\n x\n{% endif %}\n"),
        ("{{#if a}} {{#ifnot b}}\nx\n{{/ifnot}}{{/if}}",
         "{% if a %}{% if not b %}\nx\n{% endif %}{% endif %}"),
        ("{{#if a}}x{{/if}}\r\ny", "{% if a %}x{% endif +%}\r\ny"),
    ],
)  # fmt: skip
def test_a_condition_is_translated(old: str, new: str) -> None:
    assert is_legacy(old)
    assert translated(old) == new


@pytest.mark.parametrize(
    ("old", "text"),
    [
        ("Title: {{#if a}}{{a}}{{else}}none{{/if}}\nnext", "Title: A\nnext"),
        ("Title: {{#if b}}{{b}}{{else}}none{{/if}}\nnext", "Title: none\nnext"),
        ("{{#if a}}\nyes\n{{else}}\nno\n{{/if}}\nend\n", "yes\nend\n"),
        (
            "{{#ifnot a}}\nno\n{{else}}\n{{#ifnot b}}\ndeep\n{{/ifnot}}\n{{/ifnot}}\nend",
            "deep\nend",
        ),
        (
            "{{#if a}}\n  {{#if mediainfo.codec}}\n  {{mediainfo.codec}}\n  {{/if}}\n{{/if}}",
            "  AVC\n",
        ),
        ("{{#if mediainfo.video.codec}}\nno\n{{/if}}\nend", "end"),
        ("-{{#if a}}\nbroken{{/if}}-", "-\nbroken-"),
    ],
)
def test_what_is_translated_gives_what_it_gave(old: str, text: str) -> None:
    assert render(translated(old), FACTS) == text


@pytest.mark.parametrize(
    "text",
    [
        "{{ a }} {{b}} {{mediainfo.codec}}",
        "{% if a %}x{% else %}y{% endif %}",
        "{{else}} by itself",
        "{{#if}}x",
        "{{#if a b}}",
        "{{#iffy a}}",
        "{{#unless a}}",
        "{{#each a}}{{this}}",
        "{{#if a-b}}",
        "{#if a}{/if}",
        "{ {#if a}}",
        "#if a /if",
    ],
)
def test_what_merely_looks_alike_is_left_alone(text: str) -> None:
    assert not is_legacy(text)
    assert translated(text) == text


def test_a_second_translation_changes_nothing() -> None:
    once = translated("{{#if a}}\nx {{#ifnot b}}y{{else}}z{{/ifnot}}\n{{/if}}")

    assert translated(once) == once


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n{{#if a}}\n", 2),
        ("\n\n{{/if}}", 3),
        ("{{#if a}}\n{{/ifnot}}", 2),
        ("{{#ifnot a}}\n{{/if}}", 2),
        ("{{#if a}}{{#if b}}\n{{/if}}", 1),
        ("{{#if a}}{{/if}}\n{{else}}", 2),
        ("{{#if a}}\n{{else}}\n{{else}}\n{{/if}}", 3),
    ],
)
def test_what_is_not_balanced_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(TemplateError, match=f"Line {line} of the template cannot be read") as told:
        translated(text)

    assert told.value.line == line


def test_a_text_of_openings_alone_is_read_in_no_time() -> None:
    with pytest.raises(TemplateError):
        translated("{{#if a}}" * 11_000)
    assert translated("{{ " * 33_000) == "{{ " * 33_000
