"""Language tags in and out."""

import pytest

from wyoming_servers.stt.languages import advertised, whisper_code

_CODES = ("de", "en", "he", "no", "pt", "zh")


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("pt", "pt"),
        ("pt-BR", "pt"),
        ("pt_BR", "pt"),
        ("PT-br", "pt"),
        (" en-US ", "en"),
        ("nb-NO", "no"),
        ("iw", "he"),
        ("zh-Hant-TW", "zh"),
        ("fr", None),
        ("portuguese", None),
        ("", None),
        ("-", None),
        ("pt-" + "x" * 33, None),
        ("pt-\n", None),
        ("pt-ç", None),
    ],
)
def test_tags_as_people_write_them(tag: str, code: str | None) -> None:
    """Case, separator and region do not matter; an unknown language is none."""
    assert whisper_code(tag, _CODES) == code


def test_advertised_tags() -> None:
    """Portuguese and English come first, each code with its regions, and all lead back."""
    tags = advertised(_CODES)
    assert tags[:3] == ["pt", "pt-BR", "pt-PT"]
    assert tags.index("en") < tags.index("de")
    assert {"en-US", "en-GB", "de-AT", "nb", "no", "zh-TW", "he-IL"} <= set(tags)
    assert len(tags) == len(set(tags))
    assert {whisper_code(tag, _CODES) for tag in tags} == set(_CODES)


def test_only_the_models_languages_are_advertised() -> None:
    """An English-only model promises nothing else."""
    assert {tag[:2] for tag in advertised(("en",))} == {"en"}
