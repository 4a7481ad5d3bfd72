"""The system instructions."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.prompt import system_prompt


@pytest.mark.parametrize(
    ("language", "answer_in"),
    [
        (Language.PT_BR, "Responda sempre em português do Brasil"),
        (Language.PT, "Responda sempre em português,"),
        (Language.EN, "Always answer in English"),
        (Language.ES, "Responde siempre en español"),
    ],
)
def test_the_answer_language_is_named(language: Language, answer_in: str) -> None:
    """The rules are in the language that the answer must have, and say so."""
    assert answer_in in system_prompt(language)


@pytest.mark.parametrize("language", Language)
def test_rules_for_tools_only_with_tools(language: Language) -> None:
    """Without tools the prompt does not speak of them, and is otherwise the same."""
    without = system_prompt(language, has_tools=False)
    with_tools = system_prompt(language)
    assert with_tools.startswith(without)
    added = with_tools.removeprefix(without).lower()
    assert any(word in added for word in ("ferramenta", "tool", "herramienta"))


@pytest.mark.parametrize("language", Language)
def test_instructions_of_the_user_come_last(language: Language) -> None:
    """What the user adds stands after our rules, which stay a stable beginning."""
    prompt = system_prompt(language, instructions="  Fale como um pirata.\n")
    assert prompt == f"{system_prompt(language)}\nFale como um pirata."
    assert system_prompt(language, instructions=" \n") == system_prompt(language)


@pytest.mark.parametrize("language", Language)
def test_the_rules_are_no_template(language: Language) -> None:
    """Home Assistant renders the prompt as a template; ours must come through unchanged."""
    assert not set("{}%") & set(system_prompt(language))
