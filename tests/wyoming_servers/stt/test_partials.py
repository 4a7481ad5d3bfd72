"""Transcripts while somebody still speaks."""

from hypothesis import given
from hypothesis import strategies as st

from wyoming_servers.stt.partials import Partials


def test_words_are_told_once_two_texts_agree_on_them() -> None:
    """The first text tells nothing; the next tells what both begin with."""
    partials = Partials()
    assert partials.agree("Acenda a lua.") == ""
    assert partials.agree("Acenda a luz da sala") == "Acenda a"
    assert partials.agree("Acenda a luz da sala, e") == " luz da sala,"
    assert partials.rest("Acenda a luz da sala e apague a cozinha.") == " e apague a cozinha."


def test_punctuation_and_case_are_no_disagreement() -> None:
    """What only a full stop tells apart is the same word."""
    partials = Partials()
    partials.agree("Turn on.")
    assert partials.agree("turn on the light") == "turn on"
    assert partials.rest("Turn on the light.") == " the light."


def test_what_was_told_is_not_taken_back() -> None:
    """A text that contradicts it tells nothing more, and the rest is left to the transcript."""
    partials = Partials()
    partials.agree("abra a porta")
    partials.agree("abra a porta")
    assert partials.agree("abra o portão") == ""
    assert partials.agree("abra o portão") == ""
    assert partials.rest("abra o portão") == ""


def test_nothing_said_tells_nothing() -> None:
    """Empty texts give empty pieces."""
    partials = Partials()
    assert partials.agree("") == partials.agree("") == partials.rest("") == ""


@given(st.lists(st.text("ab ", max_size=12), max_size=6), st.text("ab ", max_size=12))
def test_the_pieces_are_a_beginning_or_the_whole(texts: list[str], last: str) -> None:
    """Joined, the pieces are always words in order, never a word twice."""
    partials = Partials()
    told = "".join(partials.agree(text) for text in texts)
    if last.split()[: len(told.split())] == told.split():
        assert (told + partials.rest(last)).split() == last.split()
    else:
        assert partials.rest(last) == ""
