"""How text is read aloud. The tables hold what a person would say, form by form."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_servers.tts.normalize import normalize

READINGS = Path(__file__).parent / "readings"
LANGUAGES = ("pt-BR", "pt-PT", "en-US", "en-GB", "es")

PROSE = {
    "pt-BR": "a o de que luz sala quarto porta está acesa aberta agora não já você eu quero ligar"
    " desligar temperatura boa noite obrigado ação coração pães avó guarda-chuva vice-versa",
    "en-US": "a the of that light room door is on open now not you I want to turn off temperature"
    " good night thanks may march sun sat mark's well-known don't",
}


def readings(name: str) -> list[tuple[str, str]]:
    """Give the lines of a table: text and reading, with a backslash and n for a new line."""
    lines = (READINGS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("# ")]
    return [(written.replace("\\n", "\n"), said) for written, said in pairs]


@pytest.mark.parametrize(("written", "said"), readings("pt_BR"))
def test_brazilian_portuguese_is_read(written: str, said: str):
    """Each line of the Brazilian table."""
    assert normalize(written, "pt-BR") == said


@pytest.mark.parametrize(("written", "said"), readings("pt_PT"))
def test_european_portuguese_is_read(written: str, said: str):
    """Each line of the European table: its own words, and a sample of what is shared."""
    assert normalize(written, "pt-PT") == said


@pytest.mark.parametrize(("written", "said"), readings("en"))
def test_english_is_read(written: str, said: str):
    """Each line of the English table, with American dates."""
    assert normalize(written, "en-US") == said


@pytest.mark.parametrize(
    ("name", "language"), [("pt_BR", "pt-BR"), ("pt_PT", "pt-PT"), ("en", "en-US")]
)
def test_what_is_read_reads_as_itself(name: str, language: str):
    """A reading is words alone, so reading it again changes nothing."""
    changed = {
        said: again for _, said in readings(name) if (again := normalize(said, language)) != said
    }
    assert changed == {}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "The game is 25/12/2026.",
            "The game is the twenty-fifth of December twenty twenty-six.",
        ),
        ("Due on 07/09/26.", "Due on the seventh of September twenty twenty-six."),
        ("It arrives on 5 Nov 2026.", "It arrives on the fifth of November twenty twenty-six."),
        ("It is the 5 November.", "It is the fifth of November."),
        ("The 25/12 is a holiday.", "The twenty-fifth of December is a holiday."),
        ("It costs £3.50/litre.", "It costs three pounds and fifty pence per litre."),
    ],
)
def test_british_dates_have_the_day_first(written: str, said: str):
    """Elsewhere than in America the day comes first."""
    assert normalize(written, "en-GB") == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pt", "O dia dezesseis de maio."),
        ("PT_br", "O dia dezesseis de maio."),
        ("pt-PT", "O dia dezasseis de maio."),
        ("pt-AO", "O dia dezesseis de maio."),
    ],
)
def test_portuguese_is_brazilian_unless_it_is_said_otherwise(language: str, said: str):
    """Only Portugal has European Portuguese."""
    assert normalize("O dia 16/5.", language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "It is May sixth."),
        ("en-US", "It is May sixth."),
        ("en-GB", "It is the fifth of June."),
        ("en-AU", "It is the fifth of June."),
    ],
)
def test_english_dates_are_american_where_they_are_at_home(language: str, said: str):
    """The region of the language decides what 05/06 is."""
    assert normalize("It is 05/06.", language) == said


@pytest.mark.parametrize("language", ["es", "de", "fr-FR", "", "x"])
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Hola** 😀, son las 9:30.", "Hola, son las 9:30."),
        ("- Es kostet 1.234,5 €.", "Es kostet 1.234,5 €."),
        ("[Link](https://example.com) & `code_1`", "Link & code 1"),
        ("21.5 °C, 48%", "21.5 °C, 48%"),
        ("¿Qué tal? ¡Bien!", "¿Qué tal? ¡Bien!"),
        ("👍", ""),
    ],
)
def test_other_languages_only_lose_their_mark_up(language: str, written: str, said: str):
    """Words and digits pass through where no lexicon knows them."""
    assert normalize(written, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("written", ["", " ", "\n", "...", "!?", "**", "---", "()", "\ufe0f", "|"])
def test_nothing_to_say_is_empty(language: str, written: str):
    """Marks alone are not spoken."""
    assert normalize(written, language) == ""


HOSTILE = [
    "1", "1.", "1,", "1/", "1:", "1-", "12/12/", ".", "…", "*", "**", "_", "_a", "a_", "`", "~",
    "[", "](", "[a](", "(", "()", "<", "<a", "&", "&amp;", "$", "$a", "$\\", "\\(", "{", "|", "#",
    "> ", "- ", "\n", "- a\n", "a.", "a/", "/a", "a@", "a.b@", "@", "http://", "www.", "light.",
    "R$ 1", "1%", "1 a ", "1h ", "1 h 1 ", "00:", "+1 ", "½", "→", "PIN a ", "Pedro I", "dia 1/",
    "25 de dez ", "Sr. ", " — ", "😀", "1️⃣", "x ", "1x", "1 000 ", "é", "٣", "²", "I",
]  # fmt: skip


def seconds_for(text: str, language: str) -> float:
    """Measure one reading."""
    start = time.perf_counter()
    normalize(text, language)
    return time.perf_counter() - start


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_takes_time_in_proportion(language: str):
    """No run of signs makes a pattern go back and forth."""
    normalize("1", language)
    for unit in HOSTILE:
        hostile = (unit * 8000)[:8000]
        long = seconds_for(hostile, language)
        # Four times the text: four times as long in proportion, sixteen in its square.
        assert long < 0.4 or long < 9 * seconds_for(hostile[:2000], language), unit


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text(max_size=160))
def test_any_text_gives_one_plain_line(language: str, text: str):
    """Whatever comes, nothing is raised."""
    said = normalize(text, language)
    assert said == said.strip()
    assert "\n" not in said


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=300)
@given(
    text=st.text(
        st.sampled_from("0123456789.,:/-–+*_ $€%°hmskWEIVX()[]{}<>|#@~`^=&\\\n'\"aeoºª½²"),
        max_size=60,
    )
)
def test_no_digits_are_left_to_the_phonemizer(language: str, text: str):
    """Any mix of figures and signs ends as words."""
    said = normalize(text, language)
    assert language == "es" or not any(sign in "0123456789%°$€" for sign in said)


@pytest.mark.parametrize("language", PROSE)
@given(data=st.data())
def test_plain_prose_is_unchanged(language: str, data: st.DataObject):
    """What is already words stays as it is, also months and days that are words."""
    words = data.draw(st.lists(st.sampled_from(PROSE[language].split()), min_size=1, max_size=12))
    mark = data.draw(st.sampled_from([".", "?", "!", "", "..."]))
    sentence = " ".join(words) + mark
    assert normalize(sentence, language) == sentence
