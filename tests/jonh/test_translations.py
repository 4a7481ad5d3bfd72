"""The texts of the integration."""

import json
import re
from pathlib import Path
from typing import Any

import custom_components.jonh
from custom_components.jonh.agent.languages import Language

ROOT = Path(custom_components.jonh.__file__).parent
LANGUAGES = [language.value for language in Language]


def texts(language: str) -> dict[str, str]:
    """Return all texts of a language by their path."""

    def walk(node: Any, path: str) -> dict[str, str]:
        if isinstance(node, str):
            return {path: node}
        found: dict[str, str] = {}
        for key, child in node.items():
            found |= walk(child, f"{path}.{key}" if path else key)
        return found

    return walk(json.loads((ROOT / "translations" / f"{language}.json").read_text("utf-8")), "")


def test_languages_of_the_agent_are_the_languages_of_the_forms() -> None:
    """Who is spoken to in a language can also set up the integration in it."""
    assert {path.stem for path in (ROOT / "translations").glob("*.json")} == set(LANGUAGES)


def test_every_key_in_the_code_has_a_text() -> None:
    """Errors, aborts, steps and issues that the code names are translated."""
    known = texts("en")
    code = "\n".join(path.read_text("utf-8") for path in ROOT.glob("*.py"))
    for pattern, places in {
        r'step_id="(\w+)"': [
            "config.step.{}.",
            "config_subentries.conversation.step.{}.",
            "issues",
        ],
        r'reason="(\w+)"': [
            "config.abort.{}",
            "config_subentries.conversation.abort.{}",
            "issues.model_missing.fix_flow.abort.{}",
        ],
        r'translation_key="(\w+)"': [
            "exceptions.{}.",
            "entity.binary_sensor.{}.",
            "entity.event.{}.",
            "entity.sensor.{}.",
        ],
        r'"base": "(\w+)"': ["config.error.{}"],
    }.items():
        for key in set(re.findall(pattern, code)) - {"init", "ollama_pulling"}:
            prefixes = tuple(place.format(key) for place in places)
            assert any(text.startswith(prefixes) for text in known), key
