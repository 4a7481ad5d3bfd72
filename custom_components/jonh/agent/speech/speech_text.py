"""What a model writes, turned into what a voice can say, while it is being written."""

import json
from collections.abc import Iterator, Mapping

from custom_components.jonh.providers.base import BadToolCallError, ToolCall, tool_args

from .markup import END_MAX_CHARS, REASONING_ENDS, RULES, Kind, Rule


class SpeechText:
    """Cleans a stream of text.

    Reasoning, code, tool calls and citations are dropped, marks of markdown too; a link
    leaves its words, an address its host, a table row its cells, a line break ends a
    sentence. The result is the same however the text is cut into deltas: a decision waits
    until no further character can change it.
    """

    def __init__(self) -> None:
        self._before = "\n"
        """The character before what is pending."""
        self._pending = ""
        self._hidden: _Hidden | None = None
        self._json: _Json | None = None
        self._prose = _Prose()
        self._leaked: list[ToolCall] = []

    @property
    def leaked_calls(self) -> list[ToolCall]:
        """Tool calls that the model wrote as text, in order; their names are unchecked."""
        return list(self._leaked)

    def feed(self, delta: str) -> str:
        """Take a delta and return what can be said by now, maybe nothing."""
        self._pending += delta
        self._scan(is_end=False)
        return self._prose.take()

    def finish(self) -> str:
        """Return the rest; the text has ended."""
        # Every construct ends at a line break, so one more leaves nothing undecided.
        self._pending += "\n"
        self._scan(is_end=True)
        if self._hidden:
            self._collect(self._hidden)
        return self._prose.take()

    def _scan(self, *, is_end: bool) -> None:
        going = True
        while going and self._pending:
            if self._json:
                going = self._skip_json(self._json)
            elif self._hidden:
                going = self._skip_hidden(self._hidden, is_end=is_end)
            else:
                going = self._read(is_end=is_end)

    def _read(self, *, is_end: bool) -> bool:
        """Read one construct or character; False when more text is needed."""
        char = self._pending[0]
        # Addresses are the only constructs that begin with a letter.
        if not char.isalpha() or char in "hHwW":
            text = self._before + self._pending
            for rule in RULES:
                if match := rule.whole.match(text, 1):
                    self._apply(rule, match.end() - 1, rule.text(match))
                    return True
                if not is_end and rule.part and rule.part.match(text, 1):
                    return False
        self._pending = self._pending[1:]
        self._say(char)
        return True

    def _apply(self, rule: Rule, length: int, text: str) -> None:
        if rule.kind is Kind.JSON:
            self._json = _Json()
            return
        self._pending = self._pending[length:]
        match rule.kind:
            case Kind.HIDE:
                self._hidden = _Hidden(text)
            case Kind.REREAD:
                self._pending = text + self._pending
            case _:
                self._say(text)

    def _say(self, text: str) -> None:
        """Pass text on; what left nothing to say leaves the place in the line unchanged."""
        for char in text:
            self._prose.add(char)
        if text.strip() or text == "\n":
            self._before = text[-1]
        elif text:
            self._before = self._before if self._before == "\n" else " "

    def _skip_hidden(self, hidden: _Hidden, *, is_end: bool) -> bool:
        self._pending = hidden.take(self._pending, is_end=is_end)
        if not hidden.is_closed:
            return False
        self._hidden = None
        self._collect(hidden)
        self._say(" ")
        return True

    def _skip_json(self, json_text: _Json) -> bool:
        self._pending = json_text.take(self._pending)
        if not json_text.is_closed:
            return False
        self._json = None
        self._add_calls(json_text.text)
        self._say(" ")
        return True

    def _collect(self, hidden: _Hidden) -> None:
        if hidden.end not in REASONING_ENDS:
            # A fence may name its language in its first line.
            self._add_calls(hidden.text.removeprefix("json"))

    def _add_calls(self, text: str) -> None:
        try:
            found = json.loads(text)
        except ValueError:
            return
        for name, args in _calls(found):
            try:
                call = ToolCall(id=f"leaked_{len(self._leaked)}", name=name, args=tool_args(args))
            except BadToolCallError:
                continue
            self._leaked.append(call)


def _calls(found: object) -> Iterator[tuple[str, object]]:
    """Find name and arguments in the shapes that models know from their training."""
    if isinstance(found, list):
        for item in found:
            yield from _calls(item)
    elif isinstance(found, Mapping):
        for wrapper in ("tool_calls", "function", "tool_call"):
            yield from _calls(found.get(wrapper))
        name = found.get("name")
        for key in ("arguments", "parameters", "args"):
            if isinstance(name, str) and key in found:
                yield name, found[key]
                return


class _Hidden:
    """Text to drop up to an end mark."""

    def __init__(self, end: str) -> None:
        self.end = end
        self.text = ""
        self.is_closed = False

    def take(self, pending: str, *, is_end: bool) -> str:
        """Take what is certain and return the rest."""
        place = pending.lower().find(self.end)
        if place >= 0:
            self.is_closed = True
            self.text += pending[:place]
            return pending[place + len(self.end) :]
        # Its last characters may be the beginning of the end mark.
        cut = len(pending) if is_end else max(len(pending) - END_MAX_CHARS, 0)
        self.text += pending[:cut]
        return pending[cut:]


class _Json:
    """An object or list to drop, up to the bracket that closes it."""

    def __init__(self) -> None:
        self.text = ""
        self.is_closed = False
        self._depth = 0
        self._quote = ""
        self._is_escaped = False

    def take(self, pending: str) -> str:
        """Take what belongs to it and return the rest."""
        for place, char in enumerate(pending):
            self._step(char)
            if self.is_closed:
                self.text += pending[: place + 1]
                return pending[place + 1 :]
        self.text += pending
        return ""

    def _step(self, char: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif self._quote:
            self._is_escaped = char == "\\"
            self._quote = "" if char == self._quote else self._quote
        elif char in "\"'":
            self._quote = char
        elif char in "{[":
            self._depth += 1
        elif char in "}]":
            self._depth -= 1
            self.is_closed = self._depth == 0


class _Prose:
    """Joins what is left: single blanks, sentence ends for line breaks, no orphaned blank."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._last = ""
        self._gap = ""

    def add(self, char: str) -> None:
        """Add one character; blanks wait for what follows them."""
        if char == "\n":
            self._gap = "\n"
        elif char.isspace():
            self._gap = self._gap or " "
        else:
            self._close_gap(char)
            self._out.append(char)
            self._last = char

    def take(self) -> str:
        """Return what has gathered since the last call."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def _close_gap(self, char: str) -> None:
        gap, self._gap = self._gap, ""
        if not gap or not self._last:
            return
        if gap == "\n" and self._last not in ".!?…:;,":
            self._out.append(".")
        if char not in ",.;:!?":
            self._out.append(" ")
