"""Tests of cutting text into pieces: where sentences end, at any chunking, in bounded memory."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wyoming_servers.tts.sentences import (
    FIRST_CLAUSE_CHARS,
    MAX_PIECE_CHARS,
    Piece,
    SentenceSplitter,
)

# Text as it is written, with far more marks, spaces and accents than chance would give.
_TEXT = st.text(
    st.one_of(
        st.sampled_from(list('aeiosdrDSA 125.,;:!?…\n\t"”)*é—\u0301\u200d😀\x00')), st.characters()
    ),
    max_size=400,
)


_NEVER = 10_000
"""Where a clause of which nothing is spoken alone would end."""


def split(
    text: str, max_chars: int = MAX_PIECE_CHARS, first_clause_chars: int = _NEVER
) -> list[Piece]:
    """Cut a whole text, into sentences alone unless it is said where a clause may end."""
    splitter = SentenceSplitter(max_chars, first_clause_chars)
    return splitter.feed(text) + splitter.finish()


def sentences(text: str) -> list[str]:
    """Cut a whole text and give the words only."""
    return [piece.text for piece in split(text)]


def sentences_up_to(text: str, max_chars: int) -> list[str]:
    """Cut a whole text into pieces of a length and give the words only."""
    return [piece.text for piece in split(text, max_chars)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Sim.", "A porta está fechada."],
        ["Não.", "já apaguei a luz."],
        ["Já.", "5 luzes estão acesas."],
        ["OK!", "“Pronto.”", "Mais alguma coisa?"],
        ["Hum...", "vou ver.", "Pronto…", "feito"],
        ["Quê?!", "Verdade!!!", "Sim."],
        ["(Feito.)", "**Luz acesa.**", "Fim."],
        ["São 14.", "A luz da sala.", "Fim."],
        ["Olá。", "Tudo！", "bem？"],
    ],
    ids=lambda pieces: pieces[0],
)
def test_sentences_end_without_needing_a_capital(expected: list[str]):
    """A mark and white space end a sentence, whatever follows."""
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "O Sr. Silva e a Sra. Souza chegaram.",
        "A Dra. Ana e o Dr. João falam com a Profa. Maria.",
        "Av. Paulista, n.º 1000, ap. 12.",
        "Traga frutas, p. ex. maçãs, peras, etc. e volte.",
        "Veja a pág. 12 e o art. 5 do vol. 3.",
        "De seg. a sex. às 9h, exceto em dez. e jan.",
        "Mr. and Mrs. Smith met Dr. J. K. Jones.",
        "Bring fruit, e.g. apples, i.e. the red ones, vs. pears.",
        "At 5 p.m. the lights turn on.",
        "Room no. 5 is warm.",
    ],
)
def test_abbreviations_do_not_end_a_sentence(text: str):
    """Titles, initials and abbreviations of both languages are known."""
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Está 21.5 graus",
        "Custa R$ 1.234,56 hoje",
        "São 14:30 agora",
        "A versão v2.0.1 chegou",
        "O endereço é 192.168.1.10 na rede",
        "Foi em 12.03.2026 à noite",
        "Veja jonh.local/luz?a=1 já",
    ],
)
def test_numbers_and_addresses_stay_whole(text: str):
    """A mark inside a word is no end."""
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Comprei pão, leite, etc. Depois saí.", ["Comprei pão, leite, etc.", "Depois saí."]),
        ("It is 5 p.m. The light is on.", ["It is 5 p.m.", "The light is on."]),
        ("No. The door is open.", ["No.", "The door is open."]),
    ],
)
def test_abbreviation_before_a_capital_ends_a_sentence(text: str, expected: list[str]):
    """The letter after it decides for abbreviations that no name follows."""
    assert sentences(text) == expected


def test_lines_are_sentences_and_list_numbers_are_not():
    """Each line of a list is spoken by itself, its number with it."""
    text = "Luzes:\n1. Sala\n2. Quarto\n\n- Cozinha\n"
    assert sentences(text) == ["Luzes:", "1. Sala", "2. Quarto", "- Cozinha"]


def test_piece_comes_with_the_first_character_that_makes_it_certain():
    """Nothing waits longer than it must."""
    splitter = SentenceSplitter()
    assert splitter.feed("Sim.") == []
    assert splitter.feed(" ") == [Piece("Sim.", ends_sentence=True)]
    assert splitter.feed("Luz, etc. ") == []
    assert splitter.feed("A") == [Piece("Luz, etc.", ends_sentence=True)]
    assert splitter.feed("cesa\n") == [Piece("Acesa", ends_sentence=True)]
    assert splitter.finish() == []


def test_long_sentence_is_cut_after_a_clause():
    """The last comma that fits is the best place; no pause belongs there."""
    text = "A luz da sala está acesa agora, a da cozinha apagou faz pouco, e o resto continua igual"
    assert split(text, 70) == [
        Piece(
            "A luz da sala está acesa agora, a da cozinha apagou faz pouco,", ends_sentence=False
        ),
        Piece("e o resto continua igual", ends_sentence=True),
    ]


def test_decimal_comma_is_no_clause():
    """A number is not torn apart."""
    text = "O sensor do quarto das crianças mostra 21,5 graus e pouco mais"
    assert split(text, 48)[0].text == "O sensor do quarto das crianças mostra"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("A luz da sala, que estava acesa, apagou.", "A luz da sala,"),
        ("Agora faz 21,5 graus na sala, e 19 no quarto.", "Agora faz 21,5 graus na sala,"),
        ("Temperaturas de hoje: sala 21, quarto 19.", "Temperaturas de hoje:"),
        ("A porta — a da frente — abriu.", "A porta — a da frente —"),
        ("Sim, senhor. A porta, que abriu, fechou.", "Sim, senhor."),
        ("Sim. A porta da frente, que abriu, fechou.", "Sim."),
        ("Bom dia, Ana; a casa acordou.", "Bom dia, Ana;"),
        ("Sr. Silva, Sra. Souza, bom dia.", "Sr. Silva, Sra. Souza,"),
    ],
)
def test_first_piece_may_be_a_clause(text: str, first: str):
    """It is long enough to be no word torn off, and no pause belongs after it."""
    pieces = split(text, first_clause_chars=FIRST_CLAUSE_CHARS)
    assert pieces[0] == Piece(first, ends_sentence=first.endswith("."))


def test_only_the_first_piece_is_a_clause():
    """Once there is sound to listen to, sentences stay whole; the next text is a new start."""
    splitter = SentenceSplitter()
    text = "A luz da sala, a do quarto, a da rua. A porta da frente, que abriu, fechou."
    for _ in range(2):
        pieces = splitter.feed(text) + splitter.finish()
        assert [piece.text for piece in pieces] == [
            "A luz da sala,",
            "a do quarto, a da rua.",
            "A porta da frente, que abriu, fechou.",
        ]


def test_first_clause_is_there_with_the_blank_after_it():
    """Nobody waits for the end of the sentence."""
    splitter = SentenceSplitter()
    assert splitter.feed("A luz da sala,") == []
    assert splitter.feed(" ") == [Piece("A luz da sala,", ends_sentence=False)]


def test_cut_between_words_leaves_no_small_rest():
    """A sentence that is a little too long does not end with a word alone."""
    text = "A luz da sala de estar está acesa agora"
    assert sentences_up_to(text, 38) == ["A luz da sala de estar está", "acesa agora"]


def test_long_sentence_without_marks_is_cut_between_words():
    """Words stay whole as long as one fits."""
    pieces = sentences("palavra " * 100)
    assert all(len(piece) <= MAX_PIECE_CHARS for piece in pieces)
    assert {word for piece in pieces for word in piece.split()} == {"palavra"}


def test_endless_word_is_cut_but_not_inside_a_letter():
    """Accents stay on their letter."""
    pieces = split("e\u0301" * 30, 7)
    assert {piece.text for piece in pieces} == {"e\u0301" * 3}


def test_splitter_starts_anew_after_the_end():
    """One object serves one text after another."""
    splitter = SentenceSplitter()
    splitter.feed("Um")
    assert splitter.finish() == [Piece("Um", ends_sentence=True)]
    assert splitter.feed("Dois. ") == [Piece("Dois.", ends_sentence=True)]


@given(
    text=_TEXT,
    cuts=st.lists(st.integers(0, 400)),
    max_chars=st.integers(4, 60),
    clause=st.integers(1, 20),
)
@example(text="Sr. \nSilva etc. 5", cuts=list(range(20)), max_chars=60, clause=4)
@example(text="a" * 9 + ". B", cuts=[9, 10, 11], max_chars=10, clause=1)
@example(text="a" * 9 + ",\nB", cuts=[9, 10, 11], max_chars=10, clause=10)
def test_chunking_changes_nothing(text: str, cuts: list[int], max_chars: int, clause: int):
    """The pieces of a text are the same however it was cut up on its way."""
    splitter = SentenceSplitter(max_chars, clause)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces: list[Piece] = []
    for start, end in pairwise(places):
        pieces += splitter.feed(text[start:end])
    assert pieces + splitter.finish() == split(text, max_chars, clause)


@given(text=_TEXT, max_chars=st.integers(4, 60), clause=st.integers(1, 20))
def test_nothing_is_lost_and_nothing_is_long(text: str, max_chars: int, clause: int):
    """Joined pieces are the text up to white space; none is longer than asked for."""
    pieces = split(text, max_chars, clause)
    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(text.split())
    assert all(0 < len(piece.text) <= max_chars for piece in pieces)


@given(text=_TEXT, repeats=st.integers(1, 20))
def test_memory_is_bounded(text: str, repeats: int):
    """What waits for its end is less than a piece and two characters."""
    splitter = SentenceSplitter(30)
    for _ in range(repeats):
        splitter.feed(text)
        assert len(splitter._rest) <= 32


def test_cost_grows_with_the_text_and_not_faster():
    """A hundred thousand characters of the worst kind are cut within the time limit."""
    for text in ("a" * 100_000, " " * 100_000, ".)" * 50_000, "Sr. " * 25_000, ". \n" * 30_000):
        assert all(len(piece.text) <= MAX_PIECE_CHARS for piece in split(text))
