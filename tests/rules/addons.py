"""Rules for the add-ons: the Supervisor's schema, the app linter's, and what Jonh promises.

Written down again from `supervisor/apps/validate.py` and `supervisor/apps/utils.py` of 2026.
A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.rules import addon_options, strict_yaml
from tests.rules.images import size_px
from tests.rules.repository import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDONS = Path("addons")
FILES = {
    "CHANGELOG.md", "DOCS.md", "Dockerfile", "README.md", "apparmor.txt", "config.yaml",
    "icon.png", "logo.png", "translations/en.yaml", "translations/pt-BR.yaml",
}  # fmt: skip
# The Supervisor before 2026.04 read it; since then it warns.
DEAD_FILES = ("build.yaml", "build.yml", "build.json")
LANGUAGES = ("en", "pt-BR")
ICON_PX = (128, 128)
# The documentation asks for about 250 x 100.
LOGO_WIDTHS_PX, LOGO_HEIGHTS_PX = range(200, 301), range(60, 141)

REQUIRED = ("name", "version", "slug", "description", "arch")
ARCHITECTURES = ["amd64", "aarch64"]
CONFIG_NAME = re.compile(r"config\.(?:ya?ml|json)")
# CTranslate2 wants its settings under this name. The Supervisor, which reads every file of the
# name as an add-on, passes over it with a line in its log; a list in it would stop its refresh.
FOREIGN_CONFIG = {Path("wyoming_servers/starter/whisper/config.json")}
SLUG = re.compile(r"[a-z0-9_]+")
IMAGE = re.compile(r"ghcr\.io/[a-z0-9-]+/[a-z0-9-]+")
PORT = re.compile(r"\d+/(?:tcp|udp)")
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")
TOP_ENTRY = re.compile(r"^## \[?(\d[^\]\s]*)", re.MULTILINE)

# Every key the Supervisor knows, with its default where it has one: the linter refuses a key that
# says what is so anyway.
DEFAULTS: dict[str, Any] = {
    "advanced": False, "apparmor": True, "audio": False, "auth_api": False, "backup": "hot",
    "boot": "auto", "devicetree": False, "docker_api": False, "full_access": False, "gpio": False,
    "hassio_api": False, "hassio_role": "default", "homeassistant_api": False,
    "host_dbus": False, "host_ipc": False, "host_network": False, "host_pid": False,
    "host_uts": False, "ingress": False, "ingress_port": 8099, "ingress_stream": False,
    "init": True, "journald": False, "kernel_modules": False, "legacy": False, "options": {},
    "panel_admin": True, "panel_icon": "mdi:puzzle", "realtime": False, "schema": {},
    "stage": "stable", "startup": "application", "stdin": False, "timeout": 10, "tmpfs": False,
    "uart": False, "udev": False, "ulimits": {}, "usb": False, "video": False,
}  # fmt: skip
KEYS = {
    *DEFAULTS, *REQUIRED, "backup_exclude", "backup_post", "backup_pre", "breaking_versions",
    "devices", "discovery", "environment", "homeassistant", "image", "ingress_entry", "machine",
    "map", "panel_title", "ports", "ports_description", "privileged", "services", "url", "webui",
}  # fmt: skip
# Known, and still not for us.
REFUSED = {
    "advanced": "the Supervisor ignores it since 2026.03",
    "auth_api": "the servers need no accounts",
    "boot": "the default is right, and starting by itself is the user's choice",
    "docker_api": "it would make the rating 1",
    "full_access": "it would make the rating 1",
    "hassio_api": "discovery needs none",
    "host_dbus": "there is nothing for a speech server there",
    "host_ipc": "there is nothing for a speech server there",
    "host_network": "the servers are reached by name inside the Supervisor's network",
    "host_pid": "there is nothing for a speech server there",
    "init": "the entry point is no init of its own",
    "legacy": "the images carry their labels",
    "ports_description": "its place is `network` in the translations",
    "privileged": "a speech server needs no capability",
    "stage": "a version that is not stable is no release",
    "webui": "ingress is there",
}
VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: isinstance(value, str) and bool(value), "is no text"),
    "version": (lambda value: bool(SEMANTIC.fullmatch(str(value))), "is not X.Y.Z"),
    "slug": (lambda value: bool(SLUG.fullmatch(str(value))), "is no slug"),
    "description": (lambda value: isinstance(value, str) and bool(value), "is no text"),
    "arch": (lambda value: value == ARCHITECTURES, f"is not {ARCHITECTURES}"),
    "url": (lambda value: str(value).startswith("https://"), "is no https address"),
    "image": (
        lambda value: bool(IMAGE.fullmatch(str(value))),
        "is no plain name: no tag, no {arch}, and never missing, or homes would build it",
    ),
    "timeout": (
        lambda value: isinstance(value, int) and 26 <= value <= 300,
        "leaves no time for the 25 s in which running sentences end (the Supervisor takes 10..300)",
    ),
    "tmpfs": (lambda value: value is True, "is not true: sound could reach a disk"),
    "backup_exclude": (
        lambda value: isinstance(value, list) and "models/*" in value,
        "does not hold models/*, so that every backup would carry them",
    ),
    "discovery": (lambda value: value == ["wyoming"], "is not [wyoming]"),
    "ports": (
        lambda value: (
            isinstance(value, dict)
            and bool(value)
            and all(PORT.fullmatch(str(port)) for port in value)
            and not any(value.values())
        ),
        "publishes a port, or names none: Wyoming has no login",
    ),
    "ingress": (lambda value: value is True, "is not true: the status page needs it"),
    "ingress_port": (
        lambda value: isinstance(value, int) and 1 <= value <= 65535,
        "is no port of its own",
    ),
    "panel_icon": (lambda value: str(value).startswith("mdi:"), "is no mdi: icon"),
    "map": (
        lambda value: (
            isinstance(value, list)
            and all(isinstance(m, str) and not m.endswith(":rw") for m in value)
        ),
        "lets the add-on write outside /data",
    ),
}
WANTED = (set(VALUES) - {"map"}) | {"options", "schema"}

DANGEROUS = {
    "BPF", "CHECKPOINT_RESTORE", "DAC_READ_SEARCH", "NET_ADMIN", "NET_RAW", "PERFMON",
    "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO",
}  # fmt: skip
BEST_RATING = 8


def folders(root: Path) -> list[Path]:
    """Return the folders of the add-ons."""
    found = {root.joinpath(*path.parts[:2]) for path in files(root) if path.parts[0] == "addons"}
    return sorted(path for path in found if path.is_dir())


def config(folder: Path) -> dict[str, Any]:
    """Return the configuration of an add-on, or an empty one where it cannot be read."""
    try:
        loaded = strict_yaml.load((folder / "config.yaml").read_text("utf-8"))
    except OSError, yaml.YAMLError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


def scan_faults(root: Path) -> list[str]:
    """Return files that the Supervisor would take for an add-on, as it searches a repository."""
    faults = []
    for path in files(root):
        skipped = any(part.startswith(".") or part == "rootfs" for part in path.parts)
        if skipped or not CONFIG_NAME.fullmatch(path.name):
            continue
        if path in FOREIGN_CONFIG:
            if not isinstance(json.loads((root / path).read_text("utf-8")), dict):
                faults.append(f"{path}: is no object, at which the Supervisor's refresh breaks")
        elif path != ADDONS / path.parts[1] / "config.yaml":
            faults.append(f"{path}: the Supervisor takes it for an add-on")
    if not folders(root):
        faults.append("addons: holds no add-on")
    return faults


def file_faults(root: Path) -> list[str]:
    """Return what lies, or is missing, in the folders of the add-ons."""
    faults = []
    for folder in folders(root):
        name = f"addons/{folder.name}"
        faults += [f"{name}: {file} is missing" for file in FILES if not (folder / file).is_file()]
        for file in DEAD_FILES:
            if (folder / file).exists():
                faults.append(f"{name}: {file} is dead: the base stands in the Dockerfile")
        if (icon := size_px(folder / "icon.png")) != ICON_PX:
            faults.append(f"{name}: icon.png is {icon}, not {ICON_PX}")
        width, height = size_px(folder / "logo.png")
        if width not in LOGO_WIDTHS_PX or height not in LOGO_HEIGHTS_PX:
            faults.append(f"{name}: logo.png is {width} x {height}, not about 250 x 100")
        for page in ("DOCS.md", "README.md"):
            if (folder / page).is_file() and not (folder / page).read_text("utf-8").startswith("#"):
                faults.append(f"{name}: {page} begins with no heading")
    return faults


def config_faults(root: Path) -> list[str]:
    """Return what the Supervisor, its linter or Jonh's own promises refuse in a configuration."""
    return [
        f"addons/{folder.name}/config.yaml: {fault}"
        for folder in folders(root)
        for fault in _config_faults(folder)
    ]


def _config_faults(folder: Path) -> Iterator[str]:
    text = (folder / "config.yaml").read_text("utf-8") if (folder / "config.yaml").exists() else ""
    values = config(folder)
    if not values:
        yield "is no mapping that loads strictly"
        return
    for key in sorted(WANTED | set(REQUIRED)):
        if key not in values:
            yield f"{key} is missing"
    for key, value in values.items():
        if key == "watchdog":
            yield "watchdog is obsolete: the image has a HEALTHCHECK"
        elif key not in KEYS:
            yield f"{key} is no key that the Supervisor knows"
        elif key in REFUSED:
            yield f"{key} does not belong here: {REFUSED[key]}"
        elif key in DEFAULTS and value == DEFAULTS[key]:
            yield f"{key} says what is so anyway"
        elif key in VALUES and not VALUES[key][0](value):
            yield f"{key} {VALUES[key][1]}"
    if not re.search(r'^version: "[^"]+"$', text, re.MULTILINE):
        yield "version is not quoted: YAML reads 1.10 as 1.1"
    if values.get("slug") != folder.name:
        yield f"slug {values.get('slug')} is not the name of the folder"
    if str(values.get("image")).rpartition("/")[2] != folder.name.replace("_", "-"):
        yield f"image {values.get('image')} is not named like the add-on"
    yield from addon_options.option_faults(values.get("options"), values.get("schema"))
    rating = security_rating(values, has_profile=(folder / "apparmor.txt").is_file())
    if rating != BEST_RATING:
        yield f"the security rating is {rating} of {BEST_RATING}"


def security_rating(values: dict[str, Any], *, has_profile: bool) -> int:
    """Return the rating that the Supervisor shows for a configuration, 1 to 8."""
    if values.get("docker_api") or values.get("full_access"):
        return 1
    has_ports = any(port is not None for port in (values.get("ports") or {}).values())
    privileges = set(values.get("privileged") or ())
    rating = 5
    if not values.get("apparmor", True):
        rating -= 1
    elif has_profile:
        rating += 1
    if values.get("ingress") or not (values.get("host_network") or has_ports):
        rating += 2
    elif values.get("auth_api"):
        rating += 1
    if privileges & DANGEROUS or values.get("kernel_modules"):
        rating -= 1
    rating -= {"manager": 1, "admin": 2}.get(values.get("hassio_role", ""), 0)
    rating -= bool(values.get("host_network"))
    rating -= 2 * bool(values.get("host_pid"))
    rating -= bool(values.get("host_uts") and "SYS_ADMIN" in privileges)
    return max(1, min(BEST_RATING, rating))


def translation_faults(root: Path) -> list[str]:
    """Return options and ports without a text, and texts without an option or port."""
    faults = []
    for folder in folders(root):
        values = config(folder)
        options, ports = set(values.get("schema") or ()), set(values.get("ports") or ())
        for path in sorted((folder / "translations").glob("*")):
            faults += [
                f"{path.relative_to(root)}: {fault}"
                for fault in _translation_faults(path, options, ports)
            ]
    return faults


def _translation_faults(path: Path, options: set[str], ports: set[str]) -> Iterator[str]:
    try:
        texts = strict_yaml.load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        texts, reason = {}, str(error).replace("\n", " ")
        yield f"does not load: {reason}"
    if path.suffix != ".yaml" or not isinstance(texts, dict):
        yield "is no mapping in a .yaml file"
        return
    for key in sorted(set(texts) - {"configuration", "network"}):
        yield f"nobody reads {key}"
    sections = {"configuration": options, "network": ports}
    for section, wanted in sections.items():
        written = texts.get(section) or {}
        for key in sorted(wanted - set(written)):
            yield f"{section} has no {key}"
        for key in sorted(set(written) - wanted):
            yield f"{section} has {key}, which config.yaml has not"
        for key, text in written.items():
            if section == "network" and not (isinstance(text, str) and text.strip()):
                yield f"network {key} is no text"
            elif section == "configuration" and not _is_option_text(text):
                yield f"configuration {key} needs name and description, both texts"


def _is_option_text(text: Any) -> bool:
    return (
        isinstance(text, dict)
        and set(text) == {"name", "description"}
        and all(isinstance(value, str) and value.strip() for value in text.values())
    )


def version_faults(root: Path) -> list[str]:
    """Return changelogs whose newest entry is not the version that the Supervisor offers."""
    faults = []
    for folder in folders(root):
        changelog = folder / "CHANGELOG.md"
        text = changelog.read_text("utf-8") if changelog.is_file() else ""
        newest = TOP_ENTRY.search(text)
        version = config(folder).get("version")
        if newest is None or newest[1] != version:
            there = newest[1] if newest else "nothing"
            faults.append(f"addons/{folder.name}/CHANGELOG.md: tells of {there}, not of {version}")
    return faults
