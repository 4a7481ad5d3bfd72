"""What stands on the screen in English and in Brazilian Portuguese: ours and Home Assistant's."""

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "jonh"
PARTS_OF_HOME_ASSISTANT = ("assist_pipeline", "esphome", "wyoming")


@cache
def portuguese_labels() -> dict[str, set[str]]:
    """Return what English labels are called in Portuguese, both in lower case."""
    found: dict[str, set[str]] = {}
    for english, portuguese in _texts():
        for key, label in english.items():
            names = found.setdefault(label.strip().casefold(), set())
            # What has no translation stands on the screen in English.
            names.add(portuguese.get(key, label).strip().casefold())
    return found


def _texts() -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Return texts by their keys, in English and in Portuguese."""
    panel = (INTEGRATION / "frontend" / "strings.js").read_text("utf-8")
    yield _of_script(panel, "\n  en: {"), _of_script(panel, '\n  "pt-BR": {')
    page = (ROOT / "wyoming_servers" / "status.html").read_text("utf-8")
    portuguese = _of_script(page, "\n  pt: {") | _of_script(page, '\nWORDS["pt-BR"] = {')
    yield _of_script(page, "\n  en: {"), portuguese
    for addon in (ROOT / "addons").iterdir():
        yield _of_addon(addon, "en"), _of_addon(addon, "pt-BR")
    home_assistant = _folder_of("homeassistant") / "components"
    for folder in (INTEGRATION, *(home_assistant / part for part in PARTS_OF_HOME_ASSISTANT)):
        translations = folder / "translations"
        yield _of_file(translations / "en.json"), _of_file(translations / "pt-BR.json")
    frontend = _folder_of("hass_frontend") / "static" / "translations"
    for path in frontend.rglob("en-*.json"):
        if re.fullmatch(r"en-[0-9a-f]{32}", path.stem):
            for other in path.parent.glob("pt-BR-*.json"):
                yield _of_file(path), _of_file(other)


def _of_script(source: str, start: str) -> dict[str, str]:
    """Return the texts of an object in a script."""
    part = re.split(r"\n(?:  )?\};?,?\n", source.split(start)[1])[0]
    return dict(re.findall(r'(\w+):\s+"(.*?)"(?=,)', part))


def _of_addon(addon: Path, language: str) -> dict[str, str]:
    """Return the names of an add-on's options."""
    texts = yaml.safe_load((addon / "translations" / f"{language}.yaml").read_text("utf-8"))
    return {key: option["name"] for key, option in texts["configuration"].items()}


def _of_file(path: Path) -> dict[str, str]:
    """Return the texts of a file of translations by the path of keys that leads to each."""
    texts: dict[str, str] = {}

    def collect(value: Any, key: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                collect(inner, f"{key}.{name}")
        elif isinstance(value, str):
            texts[key] = value

    collect(json.loads(path.read_text("utf-8")), "")
    return texts


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent
