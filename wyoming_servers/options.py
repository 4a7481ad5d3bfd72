"""Settings as fields of a dataclass: flags over environment over defaults, each checked."""

import argparse
import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NoReturn, override
from urllib.parse import urlsplit

from . import __version__


class SettingsError(ValueError):
    """A value that cannot be used; the text is one line for a person."""


def option(
    text: str, parse: Callable[[str], Any] = str, *, default: Any, also: str | None = None
) -> Any:
    """Declare a setting: default, `--help` line, how to read it, one more variable it is in."""
    return dataclasses.field(default=default, metadata={"help": text, "parse": parse, "also": also})


def as_number(
    low: float, high: float, kind: Callable[[str], float] = float
) -> Callable[[str], float]:
    """Read a number within bounds."""

    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise SettingsError(f"{text!r} is no number from {low:g} to {high:g}")
        return value

    return parse


def as_whole_number(low: int, high: int) -> Callable[[str], float]:
    """Read a whole number within bounds."""
    return as_number(low, high, int)


def as_one_of(*choices: str) -> Callable[[str], str]:
    """Read one of some words, in any case."""

    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise SettingsError(f"{text!r} is none of {', '.join(choices)}")
        return text.lower()

    return parse


def as_switch(text: str) -> bool:
    """Read yes or no."""
    return as_one_of("1", "0", "true", "false", "yes", "no", "on", "off")(text) in (
        "1",
        "true",
        "yes",
        "on",
    )


def as_uri(text: str) -> str:
    """Read an address to listen on."""
    try:
        parts = urlsplit(text)
        is_tcp = parts.scheme == "tcp" and bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_tcp = False
    if not is_tcp and not re.fullmatch(r"unix://.+", text):
        raise SettingsError(f"{text!r} is neither tcp://HOST:PORT nor unix://PATH")
    return text


def as_hub_url(text: str) -> str | None:
    """Read the address of a hub; None for off."""
    if text.lower() == "off":
        return None
    if urlsplit(text).scheme not in ("http", "https"):
        raise SettingsError(f"{text!r} is neither an http(s) address nor off")
    return text.rstrip("/")


def as_endpoint(text: str) -> str | float:
    """Read who ends a turn: auto, off, or seconds of silence."""
    if text.lower() in ("auto", "off"):
        return text.lower()
    try:
        return as_number(0.1, 10)(text)
    except SettingsError as err:
        raise SettingsError(f"{err}, and neither auto nor off") from err


def as_keep_alive(text: str) -> float | None:
    """Read seconds; None for always."""
    return None if text.lower() in ("always", "-1") else as_number(0, 86_400)(text)


def as_threads(text: str) -> int:
    """Read a number of threads; 0 for auto."""
    return 0 if text.lower() == "auto" else int(as_whole_number(1, 64)(text))


def as_language(text: str) -> str:
    """Read a language tag, or auto."""
    if not re.fullmatch(r"[A-Za-z]{2,4}([-_][A-Za-z0-9]{2,4})?", text):
        raise SettingsError(f"{text!r} is no language such as pt-BR or en, and not auto")
    return text


def as_languages(text: str) -> tuple[str, ...]:
    """Read language tags; none for all."""
    if text.lower() == "all":
        return ()
    return tuple(as_language(part.strip()) for part in text.split(","))


def as_networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read addresses or networks, separated by commas; none for all."""
    if text.lower() == "all":
        return ()
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(","))
    except ValueError as err:
        raise SettingsError(f"{err}; addresses look like 192.168.1.5 or 192.168.1.0/24") from err


def as_path(text: str) -> Path:
    """Read a path, with ~ for the home directory."""
    return Path(text).expanduser()


def read_options[T](
    kind: type[T],
    program: str,
    description: str,
    arguments: Sequence[str] | None,
    environ: Mapping[str, str],
) -> T:
    """Make a dataclass of `option` fields; exits with 2 and one line on error."""
    parser = _Parser(prog=program, description=description, allow_abbrev=False)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    for item in fields:
        _add_flag(parser, item, _variable(program, item.name))
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    given = vars(parser.parse_args(arguments))
    try:
        values: dict[str, Any] = {}
        for item in fields:
            values |= _value(program, item, given, environ)
        return kind(**values)
    except SettingsError as err:
        parser.error(str(err))


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        """Say one line; the usage of fifteen flags would bury it."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _add_flag(parser: argparse.ArgumentParser, item: dataclasses.Field[Any], variable: str) -> None:
    default = SHOWN.get(item.name, item.default)
    default = "on" if default is True else default
    shown = "" if default is None or default is False else f" (default: {default})"
    text = f"{item.metadata['help']}{shown} [{variable}]".replace("%", "%%")
    if item.default is False:
        parser.add_argument(_flag(item.name), action="store_const", const="true", help=text)
    else:
        parser.add_argument(_flag(item.name), metavar="VALUE", help=text)


def _value(
    program: str, item: dataclasses.Field[Any], given: Mapping[str, Any], environ: Mapping[str, str]
) -> dict[str, Any]:
    """Read one setting from the first of its sources that has it; empty when none does."""
    sources = [(_flag(item.name), given[item.name])]
    variables = (_variable(program, item.name), item.metadata["also"])
    sources += [(name, environ.get(name) or None) for name in variables if name is not None]
    for source, text in sources:
        if text is not None:
            try:
                return {item.name: item.metadata["parse"](text)}
            except SettingsError as err:
                raise SettingsError(f"{source}: {err}") from err
    return {}


SHOWN = {"threads": "auto", "languages": "all", "keep_alive": "always", "http_clients": "all"}
"""Defaults that are written otherwise than they are kept."""


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _variable(program: str, name: str) -> str:
    return f"{program}_{name}".replace("-", "_").upper()
