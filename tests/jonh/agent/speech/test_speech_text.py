"""What is spoken of what a model writes, at any chunking."""

import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custom_components.jonh.agent.speech.markup import END_MAX_CHARS, HELD_MAX_CHARS, REASONING_ENDS
from custom_components.jonh.agent.speech.speech_text import SpeechText
from custom_components.jonh.providers.base import ToolCall


def speak(*deltas: str) -> str:
    """Clean a text that comes in these deltas."""
    speech = SpeechText()
    return "".join([*map(speech.feed, deltas), speech.finish()])


def leaked(*deltas: str) -> list[ToolCall]:
    """Return the tool calls written into the text."""
    speech = SpeechText()
    for delta in deltas:
        speech.feed(delta)
    speech.finish()
    return speech.leaked_calls


CASES = {
    "plain": ("A luz está acesa.", "A luz está acesa."),
    "reasoning": ('<think>hum, {"a": 1}\n</think>\n\nPronto.', "Pronto."),
    "reasoning in capitals": ("<THINK>hum</THINK>Pronto.", "Pronto."),
    "reasoning never ends": ("Oi. <think>hum", "Oi."),
    "stray end": ("</think>Pronto.", "Pronto."),
    "bold and italic": (
        "A **luz** da *sala* e o __som__ e a _voz_.",
        "A luz da sala e o som e a voz.",
    ),
    "bold in a word": ("Bom**dia**.", "Bomdia."),
    "strikethrough": ("~~Não~~ sim, ~20 graus.", "Não sim, ~20 graus."),
    "headings": ("# Casa\n### Sala\nOk", "Casa. Sala. Ok"),
    "number sign": ("O canal #1 é bom.", "O canal #1 é bom."),
    "bullets": (
        "Luzes:\n- sala\n* cozinha\n+ quarto\n  • varanda",
        "Luzes: sala. cozinha. quarto. varanda",
    ),
    "numbered": ("1. Ligue\n2) Espere", "1, Ligue. 2, Espere"),
    "a number is no list": ("22 graus.\n22.5 também.", "22 graus. 22.5 também."),
    "negative numbers": ("-5 graus\n-6 à noite", "-5 graus. -6 à noite"),
    "quote": ("> disse\n>> ela", "disse. ela"),
    "rules": ("Um\n---\nDois\n***\nTrês\n___\nQuatro\n====\nFim", "Um. Dois. Três. Quatro. Fim"),
    "table": (
        "| Luz | Estado |\n|:---|:-:|\n| **Sala** | acesa |\nFim.",
        "Luz, Estado. Sala, acesa. Fim.",
    ),
    "code": ("Use `light.turn_on` agora.", "Use light.turn on agora."),
    "fence": ("Veja:\n```yaml\na: 1\n```\nPronto.", "Veja: Pronto."),
    "fence never ends": ("Veja: ```a", "Veja:"),
    "link": ("Veja [o site](https://a.b/c?d=(e) agora.", "Veja o site agora."),
    "reference link": ("Veja [o site][1] agora.", "Veja o site agora."),
    "image": ("Foto: ![a sala](sala.png)!", "Foto: a sala!"),
    "address": ("Em https://www.exemplo.com.br/a?b=c, e www.ha.io.", "Em exemplo.com.br, e ha.io."),
    "address in parentheses": ("Oi (https://a.b/c).", "Oi."),
    "broken address": ("Em https:// agora, em www.", "Em agora, em www."),
    "words that begin like an address": ("http é www", "http é www"),
    "citations": ("Sim [1], não [2, 3] e【4†fonte】talvez [^5].", "Sim, não e talvez."),
    "boxes": ("- [ ] leite\n- [x] pão", "leite. pão"),
    "brackets": ("Um [dois] três!", "Um dois três!"),
    "emoji": ("Pronto 😀👍🏽! 👨‍👩‍👧 1️⃣ ✅ ☀️ 🇧🇷 fim", "Pronto! 1 fim"),
    "arrow": ("sala → quarto", "sala quarto"),
    "html": ("Oi<br>tudo <b>bem</b><!", "Oi. tudo bem<!"),
    "comparison": ("5 < 6 e 7 > 3, a<b", "5 < 6 e 7 > 3, a<b"),
    "signs": ("2 * 3 = 6 e 2*3", "2 * 3 = 6 e 2*3"),
    "snake case": ("luz_da_sala", "luz da sala"),
    "escapes": (r"\*oi\* e \_tchau\_", "oi e tchau"),
    "template tokens": ("<|start|>Oi.<|im_end|>", "Oi."),
    "line breaks": ("Um\n\n\ndois.\nTrês:\r\nquatro\n", "Um. dois. Três: quatro"),
    "blanks": ("  Um \t  dois , três\u200b .  ", "Um dois, três."),
    "tool call tag": ('<tool_call>{"name": "a", "arguments": {}}</tool_call>', ""),
    "json": ('Ok. {"name": "a", "arguments": {"b": "}"}} Pronto.', "Ok. Pronto."),
    "json never ends": ('Ok. {"name": "a", "argum', "Ok."),
    "python dict": ("{'name': 'a\\'}', 'b': [1]} Ok.", "Ok."),
    "list of calls": ('[ {"name": "a", "arguments": {}}] Ok.', "Ok."),
    "mistral": ('[TOOL_CALLS] [{"name": "a", "arguments": {}}]', ""),
    "braces": ("Um {dois} três", "Um dois três"),
    "nothing": ("", ""),
    "only markup": ("**__~~``", ""),
}


@pytest.mark.parametrize(("written", "spoken"), CASES.values(), ids=CASES.keys())
def test_markup_is_not_spoken(written: str, spoken: str) -> None:
    """Each construct leaves what a person would read aloud, whole or one character at a time."""
    assert speak(written) == spoken
    assert speak(*written) == spoken


ALPHABET = st.sampled_from(
    [
        *".!?:,*_~`#-+><|[](){}\"'\\/=^†→【】😀é1hw",
        "ab",
        " ",
        "\n",
        "\n- ",
        "\n1. ",
        "\n| a | b |\n",
        "```",
        "<think>",
        "</think>",
        "<tool_call>",
        "</tool_call>",
        "<b>",
        "<br>",
        "<|x|>",
        "https://a.b/c",
        "www.a.b",
        "](",
        "[1]",
        '{"name": "n", "arguments": {"k": "v"}}',
        "[TOOL_CALLS]",
        "palavra ",
    ]
)
TEXT = st.lists(ALPHABET, max_size=30).map("".join)


def cut(text: str, places: list[int]) -> list[str]:
    """Cut a text at these places."""
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(text=TEXT, places=st.lists(st.integers(0, 10_000), max_size=12))
@example(text="![a](b) https://a.b/c. </think", places=[1, 2, 9, 12, 20])
@example(text='a {"b": "}\\""} c', places=[3, 4, 8, 10])
def test_chunking_changes_nothing(text: str, places: list[int]) -> None:
    """However the text is cut, the same is spoken and the same calls are found."""
    deltas = cut(text, places)
    assert "".join(deltas) == text
    assert speak(*deltas) == speak(text) == speak(*text)
    assert leaked(*deltas) == leaked(text) == leaked(*text)


@given(text=TEXT)
def test_no_markup_gets_through(text: str) -> None:
    """Whatever comes, nothing that a voice would stumble over is spoken."""
    spoken = speak(text)
    assert not set(spoken) & set("\n\t`{}[]\\😀→【】")
    assert "  " not in spoken
    assert spoken == spoken.strip()
    assert "<think>" not in spoken
    assert "**" not in spoken


@given(text=st.text(st.characters(categories=["L"], exclude_characters="hHwW"), max_size=40))
def test_letters_are_never_held_back(text: str) -> None:
    """Words come out as they come in: the voice can start with the first of them."""
    assert SpeechText().feed(text) == text


def test_a_call_in_the_text_is_surfaced() -> None:
    """A tool call that the model wrote as text can still be run."""
    args = {"name": "Luz", "area": ""}
    call = json.dumps({"name": "HassTurnOn", "arguments": args})
    wanted = [ToolCall(id="leaked_0", name="HassTurnOn", args={"name": "Luz"})]
    for text in (
        call,
        f"Já vai. {call}",
        f"```json\n{call}\n```",
        f"<tool_call>\n{call}\n</tool_call>",
        f"<tool_call>\n{call}",
        f"[{call}]",
        json.dumps({"tool_calls": [{"function": json.loads(call)}]}),
        json.dumps({"name": "HassTurnOn", "parameters": json.dumps(args)}),
    ):
        assert leaked(text) == wanted, text


def test_several_calls_get_different_ids() -> None:
    """Two calls in one text can be told apart."""
    call = '{"name": "a", "arguments": {}}'
    assert [made.id for made in leaked(f"{call} {call}")] == ["leaked_0", "leaked_1"]


@pytest.mark.parametrize(
    "text",
    [
        '<think>{"name": "a", "arguments": {}}</think>Não.',
        '<think>{"name": "a", "arguments": {}}',
        '{"name": "Ana"}',
        '{"arguments": {}}',
        '{"name": "a", "arguments": [1]}',
        '{"name": 1, "arguments": {}}',
        '{"name": "a", "arguments": {}',
        "{'name': 'a', 'arguments': {}}",
    ],
)
def test_what_is_no_call_is_not_surfaced(text: str) -> None:
    """A thought, other data and broken JSON run nothing."""
    assert leaked(text) == []


def test_what_is_held_back_has_a_limit() -> None:
    """An endless address does not keep the answer from being spoken."""
    speech = SpeechText()
    spoken = speech.feed("www." + "a" * (HELD_MAX_CHARS + 1))
    assert spoken.startswith("www.aaa")


def test_end_marks_fit_what_is_held() -> None:
    """The longest end mark may be cut anywhere."""
    assert max(map(len, REASONING_ENDS)) <= END_MAX_CHARS
    for tag in ("function_call", "tool_response"):
        assert len(f"</{tag}>") <= END_MAX_CHARS
