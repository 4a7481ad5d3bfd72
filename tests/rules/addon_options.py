"""Options of an add-on: the types of the Supervisor, and defaults that fit them."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = r"-?\d*\.?\d+"
ELEMENT = re.compile(
    r"(?P<type>bool|email|url|port"
    r"|device(?:\(subsystem=[a-z]+\))?"
    rf"|(?:str|password|int|float)(?:\((?P<min>{NUMBER})?,(?P<max>{NUMBER})?\))?"
    r"|match\((?P<match>.*)\)"
    r"|list\((?P<list>.+)\))(?P<optional>\??)"
)
# A list of mappings of values, or a mapping of lists of them: nothing deeper can be filled in.
MAX_DEPTH = 2


def option_faults(options: Any, schema: Any) -> Iterator[str]:
    """Yield types that the Supervisor does not know, and defaults it would refuse at the start."""
    if not isinstance(schema, dict) or not isinstance(options, dict):
        yield "options and schema have to be mappings"
        return
    for key in sorted(set(options) - set(schema)):
        yield f"option {key} is not in the schema: the Supervisor drops it"
    for key, kind in schema.items():
        yield from _kind_faults(key, kind, depth=0)
        is_optional = _is_optional(kind)
        if is_optional and key in options:
            yield f"option {key} is optional and has a default: that makes it required"
        elif not is_optional and key not in options:
            yield f"option {key} is required and has no default: a fresh add-on would not start"
        elif key in options:
            yield from _value_faults(key, kind, options[key])


def _kind_faults(key: str, kind: Any, depth: int) -> Iterator[str]:
    if isinstance(kind, str):
        if not ELEMENT.fullmatch(kind):
            yield f"option {key} has the type {kind}, which the Supervisor does not know"
        elif kind.startswith("match("):
            yield from _pattern_faults(key, kind)
        return
    if depth >= MAX_DEPTH:
        yield f"option {key} is nested deeper than {MAX_DEPTH} levels"
    elif isinstance(kind, list):
        if len(kind) != 1 or isinstance(kind[0], list):
            yield f"option {key} is a list of other than one kind of value"
        else:
            yield from _kind_faults(key, kind[0], depth + 1)
    elif isinstance(kind, dict):
        for name, inner in kind.items():
            yield from _kind_faults(f"{key}.{name}", inner, depth + 1)
    else:
        yield f"option {key} has no type"


def _pattern_faults(key: str, kind: str) -> Iterator[str]:
    match = ELEMENT.fullmatch(kind)
    assert match is not None
    try:
        re.compile(match["match"])
    except re.error as error:
        yield f"option {key} has a pattern that is none: {error}"


def _is_optional(kind: Any) -> bool:
    if isinstance(kind, list) and kind:
        kind = kind[0]
    return isinstance(kind, str) and kind.endswith("?")


def _value_faults(key: str, kind: Any, value: Any) -> Iterator[str]:
    if isinstance(kind, list):
        if not isinstance(value, list):
            yield f"the default of option {key} is no list"
        else:
            for element in value:
                yield from _value_faults(key, kind[0], element)
    elif isinstance(kind, dict):
        if not isinstance(value, dict):
            yield f"the default of option {key} is no mapping"
        else:
            for name, inner in kind.items():
                if name in value:
                    yield from _value_faults(f"{key}.{name}", inner, value[name])
                elif not _is_optional(inner):
                    yield f"the default of option {key} has no {name}"
    elif (match := ELEMENT.fullmatch(str(kind))) and not _fits(match, value):
        yield f"the default {value!r} of option {key} is no {kind}"


def _fits(kind: re.Match[str], value: Any) -> bool:
    """Say whether a default is of the type, without the conversions the Supervisor would make."""
    name = kind["type"].partition("(")[0]
    if name == "bool":
        return isinstance(value, bool)
    if name in {"int", "port", "float"}:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_whole = name == "float" or isinstance(value, int)
        return is_number and is_whole and _is_within(kind, value, is_port=name == "port")
    if not isinstance(value, str):
        return False
    if name in {"str", "password"}:
        return _is_within(kind, len(value), is_port=False)
    if name == "list":
        return value in kind["list"].split("|")
    if name == "match":
        return re.match(kind["match"], value) is not None
    return True


def _is_within(kind: re.Match[str], number: float, *, is_port: bool) -> bool:
    smallest = 1.0 if is_port else float(kind["min"] or "-inf")
    largest = 65535.0 if is_port else float(kind["max"] or "inf")
    return smallest <= number <= largest
