"""What is kept of a turn, and what fits into the next request."""

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custom_components.jonh.agent.history.turns import (
    CUT,
    MAX_MESSAGE_CHARS,
    MAX_SESSION_CHARS,
    Turn,
    bounded,
    heard,
    heard_of,
    is_beginning,
    newest,
    told,
    trim,
)
from custom_components.jonh.providers.base import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def call(call_id: str, **args: object) -> ToolCall:
    """Call a tool."""
    return ToolCall(id=call_id, name="HassTurnOn", args=args)


def result(call_id: str, text: str = "{}") -> ToolResultMessage:
    """Return what came out."""
    return ToolResultMessage(call_id=call_id, name="HassTurnOn", result=text)


def messages(number: int, tools: int = 0) -> list[Message]:
    """Ask, use tools, answer."""
    ids = [f"{number}.{index}" for index in range(tools)]
    acting: list[Message] = []
    if ids:
        acting = [AssistantMessage("", tuple(map(call, ids))), *map(result, ids)]
    return [UserMessage(f"q{number}"), *acting, AssistantMessage(f"a{number}")]


def turn(*said: Message, started_s: float = 0) -> Turn:
    """Have a turn."""
    return Turn(started_s=started_s, messages=said)


def is_paired(said: Sequence[Message]) -> bool:
    """Return True when each call is followed by its result before the next assistant message."""
    waiting: set[str] = set()
    for message in said:
        if isinstance(message, ToolResultMessage):
            if message.call_id not in waiting:
                return False
            waiting.discard(message.call_id)
        elif waiting:
            return False
        elif isinstance(message, AssistantMessage):
            waiting = {made.id for made in message.tool_calls}
    return not waiting


pasts = st.lists(st.integers(0, 3), max_size=12).map(
    lambda tools: [messages(number, used) for number, used in enumerate(tools)]
)


@given(past=pasts, max_messages=st.integers(0, 30))
def test_trim_keeps_the_newest_whole_turns(past: list[list[Message]], max_messages: int) -> None:
    """The result is the longest run of whole turns at the end that fits."""
    fitting = min(max_messages // 2, len(past))
    expected = [message for kept in past[len(past) - fitting :] for message in kept]
    kept = trim([message for each in past for message in each], max_messages)
    assert kept == expected
    assert is_paired(kept)


def test_trim_starts_at_a_user_message() -> None:
    """What stands before the first question belongs to no turn."""
    past = [SystemMessage("rules"), AssistantMessage("hello"), *messages(1)]
    assert trim(past, 10) == messages(1)


@given(past=pasts, max_messages=st.integers(0, 30))
def test_what_is_kept_is_what_is_told(past: list[list[Message]], max_messages: int) -> None:
    """A turn that no request would hold is not kept either."""
    turns = [turn(*each, started_s=number) for number, each in enumerate(past)]
    kept = newest(turns, max_messages)
    everything = [message for each in turns for message in told(each)]
    assert [message for each in kept for message in told(each)] == trim(everything, max_messages)
    assert kept == turns[len(turns) - len(kept) :]


def test_long_turns_make_room() -> None:
    """A session of long texts keeps the newest of them."""
    third = "a" * (MAX_SESSION_CHARS // 3)
    turns = [turn(UserMessage(f"{number}{third}"), started_s=number) for number in range(4)]
    assert newest(turns, 100) == turns[2:]


def test_endless_turn_keeps_its_words() -> None:
    """A turn that is too long by itself keeps what was asked and what was answered last."""
    calls = AssistantMessage("Um momento.", (call("1"),))
    endless = turn(
        UserMessage("leia tudo"),
        calls,
        result("1", "a" * MAX_SESSION_CHARS),
        AssistantMessage("Li."),
    )
    earlier = turn(*messages(1))
    (kept,) = newest([earlier, endless], 10)
    assert kept.messages == (UserMessage("leia tudo"), AssistantMessage("Li."))


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        pytest.param(messages(1), False, id="answered"),
        pytest.param([UserMessage("acenda a luz")], True, id="nothing came"),
        pytest.param(
            [UserMessage("acenda a luz"), AssistantMessage("", (call("1"),)), result("1")],
            True,
            id="stopped after the tool",
        ),
        pytest.param([], False, id="nothing at all"),
    ],
)
def test_no_request_is_left_open(said: list[Message], is_open: bool) -> None:
    """A model that met an open request in the past would act on it once more."""
    filler = [AssistantMessage(CUT)] if is_open else []
    assert list(told(turn(*said))) == [*said, *filler]


def test_a_call_without_a_result_is_dropped() -> None:
    """An interrupted tool leaves the words around it and no loose ends."""
    kept = bounded(
        turn(
            UserMessage("acenda as luzes"),
            AssistantMessage("Já vai.", (call("1"), call("2"))),
            result("2"),
            result("never called"),
            AssistantMessage("", (call("3"),)),
        )
    )
    assert kept.messages == (
        UserMessage("acenda as luzes"),
        AssistantMessage("Já vai.", (call("2"),)),
        result("2"),
    )


@pytest.mark.parametrize("length", [MAX_MESSAGE_CHARS, MAX_MESSAGE_CHARS + 1])
def test_long_words_are_cut(length: int) -> None:
    """A pasted text, a long answer and a large result are kept in part."""
    text = "a" * length
    is_cut = length > MAX_MESSAGE_CHARS
    expected = f"{text[:MAX_MESSAGE_CHARS]} {CUT}" if is_cut else text
    kept = bounded(turn(UserMessage(text), AssistantMessage(text, (call("1"),)), result("1", text)))
    assert kept.messages == (
        UserMessage(expected),
        AssistantMessage(expected, (call("1"),)),
        result("1", expected),
    )


@pytest.mark.parametrize(
    "args",
    [
        pytest.param({"text": "a" * MAX_MESSAGE_CHARS}, id="endless"),
        pytest.param({"when": object()}, id="no JSON"),
    ],
)
def test_arguments_that_cannot_be_kept_are_left_out(args: dict[str, object]) -> None:
    """The call stays, so that its result keeps its place."""
    kept = bounded(turn(UserMessage("oi"), AssistantMessage("", (call("1", **args),)), result("1")))
    assert kept.messages[1:] == (AssistantMessage("", (call("1"),)), result("1"))


def test_half_characters_are_mended() -> None:
    """A model may write half an emoji, which no file and no request can hold."""
    half = "\ud83d"
    kept = bounded(
        turn(
            UserMessage(f"oi {half}"),
            AssistantMessage(half, (call("1", text=half),)),
            result("1", half),
        )
    )
    assert kept.messages == (
        UserMessage("oi ?"),
        AssistantMessage("?", (call("1", text="?"),)),
        result("1", "?"),
    )
    json.dumps(str(kept.messages), ensure_ascii=False).encode()


def test_other_arguments_stay_as_they_are() -> None:
    """Accents, numbers and lists come back equal."""
    made = call("1", name="Lâmpada", brightness=50, area=["sala", "quarto"])
    kept = bounded(turn(UserMessage("oi"), AssistantMessage("", (made,)), result("1")))
    assert kept.messages[1] == AssistantMessage("", (made,))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("Era uma vez", "Era uma vez ...", id="cut"),
        pytest.param("  Era uma\n vez", "Era uma vez ...", id="other spaces"),
        pytest.param("Er", "Er ...", id="in a word"),
        pytest.param("", "...", id="nothing"),
    ],
)
def test_only_what_was_heard_is_kept(text: str, answer: str) -> None:
    """The rest of an answer is gone, and the turn is marked."""
    kept = heard(turn(UserMessage("conte"), AssistantMessage("Era uma vez um rei.")), text)
    assert kept.messages == (UserMessage("conte"), AssistantMessage(answer))
    assert kept.was_interrupted


@pytest.mark.parametrize("text", ["Era uma vez um rei.", "Era uma vez um rei. E mais."])
def test_an_answer_that_was_heard_whole_stays(text: str) -> None:
    """Nothing is marked that was not interrupted."""
    whole = turn(UserMessage("conte"), AssistantMessage("Era uma vez um rei."))
    assert heard(whole, text) is whole


def test_an_answer_is_cut_again() -> None:
    """What the agent had kept of an interrupted answer may be more than was heard."""
    cut = turn(UserMessage("conte"), AssistantMessage("Era uma vez um ..."))
    assert heard(cut, "Era uma").messages[1] == AssistantMessage("Era uma ...")
    assert heard(cut, "Era uma vez um").messages == cut.messages


def test_what_was_done_is_kept() -> None:
    """A tool that ran did so, whether or not anybody heard of it."""
    whole = turn(
        UserMessage("luz"),
        AssistantMessage("Um momento.", (call("1"),)),
        result("1"),
        AssistantMessage("Acendi a luz."),
        AssistantMessage("Mais alguma coisa?"),
    )
    assert heard(whole, "Um momento. Acendi").messages == (
        *whole.messages[:3],
        AssistantMessage("Acendi ..."),
    )
    assert heard(whole, "Um").messages == (
        UserMessage("luz"),
        AssistantMessage("Um ...", (call("1"),)),
        result("1"),
    )


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=60))
@example(texts=["0000", "\r00"], text="00000")
def test_nothing_is_made_up(texts: list[str], text: str) -> None:
    """Texts become shorter or stay, whatever is said to have been heard."""
    kept = heard_of(texts, text)
    assert len(kept) == len(texts)
    assert all(
        said.startswith(words.removesuffix(CUT).rstrip())
        for said, words in zip(texts, kept, strict=True)
    )


def test_beginnings() -> None:
    """An answer in several messages is one text."""
    said = turn(UserMessage("oi"), AssistantMessage("Bom dia."), AssistantMessage("Tudo bem?"))
    assert is_beginning(said, "Bom dia. Tudo")
    assert not is_beginning(said, "Boa noite")
