"""Tool arguments and the error tree."""

import pytest

from custom_components.jonh.providers import errors
from custom_components.jonh.providers.base import (
    ARGS_MAX_CHARS,
    ARGS_MAX_VALUES,
    MAX_CHARS_PER_TOKEN,
    AllFailedError,
    AnswerInterruptedError,
    AuthError,
    BadRequestError,
    BadToolCallError,
    ChatRequest,
    ContextOverflowError,
    Done,
    Failure,
    ModelMissingError,
    ProviderError,
    Ration,
    StopReason,
    TextDelta,
    ThinkingDelta,
    TooLargeError,
    ToolsUnsupportedError,
    UnreachableError,
    tool_args,
)


@pytest.mark.parametrize(
    ("raw", "args"),
    [
        pytest.param({"name": "luz"}, {"name": "luz"}, id="object"),
        pytest.param('{"name": "luz"}', {"name": "luz"}, id="text"),
        pytest.param("", {}, id="empty text"),
        pytest.param(None, {}, id="nothing"),
        pytest.param({"a": "", "b": None, "c": 0, "d": False}, {"c": 0, "d": False}, id="empty"),
        pytest.param(
            {"a": '["x", "y"]', "b": '{"c": 1}'}, {"a": ["x", "y"], "b": {"c": 1}}, id="in"
        ),
        pytest.param({"a": "[sala]", "b": "{x"}, {"a": "[sala]", "b": "{x"}, id="not JSON"),
    ],
)
def test_tool_args_are_cleaned(raw: object, args: dict[str, object]) -> None:
    """What models write in place of nothing or of a list becomes what tools accept."""
    assert tool_args(raw) == args


@pytest.mark.parametrize("raw", ["{", "[1]", [1], 5, "texto"])
def test_tool_args_that_cannot_be_read_are_refused(raw: object) -> None:
    """Arguments that are no object fail by name."""
    with pytest.raises(BadToolCallError):
        tool_args(raw)


def test_every_error_explains_itself() -> None:
    """An error without a detail says what it means; each has a docstring."""
    leaves = ProviderError.__subclasses__()
    assert len(leaves) >= 12
    assert all(leaf.__doc__ for leaf in leaves)
    assert str(AuthError()) == AuthError.__doc__
    assert str(AuthError("status 401")) == "status 401"
    assert {leaf.__module__ for leaf in leaves} == {errors.__name__}


def test_only_what_may_pass_is_worth_a_retry() -> None:
    """What needs somebody to change a setting is not tried again by itself."""
    hopeless = {error for error in ProviderError.__subclasses__() if not error.retryable}
    assert hopeless == {
        AllFailedError,
        AnswerInterruptedError,
        AuthError,
        BadRequestError,
        ModelMissingError,
        TooLargeError,
        ToolsUnsupportedError,
    }
    assert not ContextOverflowError.retryable


def test_all_failed_names_every_cause() -> None:
    """The causes stand in order, and one that may pass makes the whole worth a retry."""
    auth = Failure("Groq", "m", AuthError("status 401"))
    down = Failure("Ollama", "n", UnreachableError("no connection"))
    assert str(AllFailedError([down, auth])) == "Ollama (n): no connection, Groq (m): status 401"
    assert AllFailedError([auth, down]).retryable
    assert not AllFailedError([auth]).retryable
    assert not AllFailedError([]).retryable


@pytest.mark.parametrize(
    "raw",
    [
        {"names": ["x" * ARGS_MAX_CHARS]},
        {"names": ["x"] * (ARGS_MAX_VALUES + 1)},
        {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}},
        {"names": "[" * 20 + "]" * 20},
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
    ids=["long", "many", "deep", "deep text", "open lists", "open objects"],
)
def test_tool_args_that_no_tool_needs_are_refused(raw: object) -> None:
    """What a broken model writes costs nobody more than a look."""
    with pytest.raises(BadToolCallError):
        tool_args(raw)


def test_an_answer_is_rationed() -> None:
    """Whatever the pieces are, the whole is no longer than asked for, and ends as such."""
    ration = Ration(ChatRequest(model="m", messages=(), max_tokens=1))
    pieces = [TextDelta("x" * 10), ThinkingDelta("y" * 4), TextDelta("z" * 10), TextDelta("no")]
    assert list(ration.take(pieces)) == [
        TextDelta("x" * 10),
        ThinkingDelta("y" * 4),
        TextDelta("z" * (MAX_CHARS_PER_TOKEN - 14)),
        Done(StopReason.LENGTH),
    ]
    assert ration.is_used_up
