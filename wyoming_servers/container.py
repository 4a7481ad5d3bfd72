"""The entry point of the images: options become settings, root becomes nobody, the server starts.

    python -m wyoming_servers.container stt|tts

The Supervisor starts add-ons as root, with options that only root may read and a token that opens
Home Assistant. This process reads the one, hands the other to small helpers of another user, and
then becomes the server, which has neither: its signals and its exit status are the container's.
Under any other user (compose, Kubernetes) it becomes the server as it is.
"""

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from .settings import Settings, SettingsError, SttSettings, TtsSettings

_LOGGER = logging.getLogger(__name__)

OPTIONS = Path("/data/options.json")
SETTINGS: dict[str, type[Settings]] = {"stt": SttSettings, "tts": TtsSettings}

SERVER_USER = 1000
# Another one than the server's, so that it can neither read their memory nor stop them.
HELPER_USER = 1001

# The same under its old name.
_TOKENS = ("SUPERVISOR_TOKEN", "HASSIO_TOKEN")
# Where the Supervisor's ingress comes from; anybody else in its network has no login behind them.
_INGRESS = "172.30.32.2"
# Whose names in the options and in the settings differ.
_SETTING_OF = {"custom_model": "model", "speed": "length_scale"}
# What only this process reads.
_OWN_OPTIONS = {"names"}


class OptionError(Exception):
    """An option of the add-on cannot be used; the text is one line for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be started."""

    server: tuple[str, ...]
    environment: dict[str, str]
    """The server's, without a token."""
    helpers: tuple[tuple[str, ...], ...] = ()
    """Commands that are given the token; they run beside the server."""


def make_plan(
    program: str,
    environ: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    hostname: str = "",
) -> Plan:
    """Decide what to start; `options` are those of an add-on. Raises OptionError."""
    clean = {name: value for name, value in environ.items() if name not in _TOKENS}
    server = (sys.executable, "-m", f"wyoming_servers.{program}")
    if options is None:
        return Plan(server=server, environment=clean)
    name = SETTINGS[program].program
    clean[_variable(name, "http_clients")] = _INGRESS
    for setting, text in _settings_of(SETTINGS[program], options).items():
        clean[_variable(name, setting)] = text
    uri = clean.get(_variable(name, "uri"), "")
    has_token = any(environ.get(name) for name in _TOKENS)
    helpers = _helpers(program, uri, options, hostname) if has_token else ()
    return Plan(server=server, environment=clean, helpers=helpers)


def _settings_of(kind: type[Settings], options: Mapping[str, Any]) -> dict[str, str]:
    """Turn options into the texts of settings, each checked as the server will check it."""
    known = {item.name: item for item in fields(kind)}
    found: dict[str, str] = {}
    # What stands for another option wins, wherever it stands.
    for option, value in sorted(options.items(), key=lambda each: each[0] in _SETTING_OF):
        name = _SETTING_OF.get(option, option)
        if option in _OWN_OPTIONS or value in (None, ""):
            continue
        if name not in known:
            _LOGGER.warning("The option %s is not known and does nothing", option)
            continue
        text = _text_of(option, value)
        if text is None:
            continue
        try:
            known[name].metadata["parse"](text)
        except SettingsError as err:
            raise OptionError(f"the option {option} cannot be used: {err}") from err
        found[name] = text
    return found


def _text_of(option: str, value: object) -> str | None:
    """Write a value as a flag has it; None for one that says that all stays as it is."""
    if option == "speed":
        if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
            raise OptionError(f"the option speed cannot be used: {value!r} is no speed")
        # A voice has a duration of its own, which need not be 1.
        return None if value == 1 else f"{1 / value:.4g}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise OptionError(f"the option {option} cannot be used: it is neither a text nor a number")


def _helpers(
    program: str, uri: str, options: Mapping[str, Any], hostname: str
) -> tuple[tuple[str, ...], ...]:
    port = urlsplit(uri).port
    here, announced = f"tcp://127.0.0.1:{port}", f"tcp://{hostname}:{port}"
    discovery = (sys.executable, "-m", "wyoming_servers.supervisor_discovery", here, announced)
    if program == "stt" and options.get("names") is True:
        return discovery, (sys.executable, "-m", "wyoming_servers.stt.names_courier", here)
    return (discovery,)


def read_options(path: Path) -> dict[str, Any] | None:
    """Return the options of an add-on, None where there are none; raises OptionError."""
    try:
        options = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as err:
        raise OptionError(f"the options in {path} cannot be read: {err}") from err
    if not isinstance(options, dict):
        raise OptionError(f"the options in {path} are no object")
    return options


def as_user(user: int, command: Sequence[str]) -> list[str]:
    """Return a command that runs another one as a user who cannot become anybody else again."""
    return [
        "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all",
        "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs", "--", *command,
    ]  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Become the server; returns only when that is impossible: 2 for a wrong option, else 1."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    (program,) = arguments
    name = SETTINGS[program].program
    try:
        _become_server(program)
    except OptionError as err:
        _LOGGER.error("%s does not start: %s", name, err)  # noqa: TRY400 - the one line says all
        return 2
    except OSError as err:
        _LOGGER.error("%s does not start: %s", name, err)  # noqa: TRY400 - the one line says all
        return 1


def _become_server(program: str) -> NoReturn:
    is_root = os.geteuid() == 0
    options = read_options(OPTIONS) if is_root else None
    plan = make_plan(program, os.environ, options, socket.gethostname())
    command = [*plan.server]
    if is_root:
        _give_directories(SETTINGS[program].program, plan.environment)
        command = as_user(SERVER_USER, command)
    for helper in plan.helpers:
        _start_beside(as_user(HELPER_USER, helper))
    os.execvpe(command[0], command, plan.environment)  # noqa: S606 - it is what we are here for


def _give_directories(program: str, environment: Mapping[str, str]) -> None:
    """Make what the server keeps its files in, and give it to the server's user.

    They are root's at the first start, and may be after a backup was restored.
    """
    for name in ("MODEL_DIR", "VOICE_DIR", "DATA_DIR", "CACHE_DIR"):
        if path := environment.get(_variable(program, name)):
            folder = Path(path)
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid != SERVER_USER:
                for each in (folder, *folder.rglob("*")):
                    os.chown(each, SERVER_USER, SERVER_USER, follow_symlinks=False)


def _variable(program: str, name: str) -> str:
    return f"{program}_{name}".replace("-", "_").upper()


def _start_beside(command: Sequence[str]) -> None:
    """Start a process that is no child of the server: whoever is init looks after its end."""
    if between := os.fork():
        os.waitpid(between, 0)
        return
    subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
