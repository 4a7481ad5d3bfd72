"""The sizing page in Portuguese shows what the English one does."""

import pytest

from benchmarks.sizing import page, portuguese
from benchmarks.tables import table


def test_both_pages_show_the_same_run() -> None:
    """Tables that were renewed in one language only are found."""
    english = page.parts_of(page.PAGE.read_text("utf-8"))
    shown = page.parts_of(portuguese.PAGE.read_text("utf-8"))
    assert english
    assert shown == {
        name: portuguese.in_portuguese(name, lines) if lines else []
        for name, lines in english.items()
    }


def test_cells_are_translated_with_the_numbers_of_the_language() -> None:
    """Names stay, words are Portuguese, and so are the marks in numbers."""
    head = ("rooms (homes)", "3 machines of 4", "4 cores: to listen + to speak")
    english = table(head, [("`large-v3`, x_low", "1,234 (246.5)", "1 x 2 threads + 2 x 1 thread")])
    assert portuguese.in_portuguese("together", list(english)) == list(
        table(
            ("cômodos (casas)", "3 máquinas de 4", "4 núcleos: para ouvir + para falar"),
            [("`large-v3`, x_low", "1.234 (246,5)", "1 x 2 threads + 2 x 1 thread")],
        )
    )


def test_the_machine_is_told_with_the_day() -> None:
    """Versions keep their points."""
    line = "Printed by `scripts/bench sizing` on 5 March 2026: 2 cores of a CPU, Python 3.14.1,"
    assert portuguese.in_portuguese("machine", [line]) == [
        "Mostrado por `scripts/bench sizing` em 5 de março de 2026: "
        "2 núcleos de a CPU, Python 3.14.1,"
    ]


def test_words_that_are_not_known_are_refused() -> None:
    """A new row of a table is not left in English."""
    with pytest.raises(portuguese.PhraseError, match="a new row"):
        portuguese.in_portuguese("apart", list(table(("rooms",), [("a new row",)])))
