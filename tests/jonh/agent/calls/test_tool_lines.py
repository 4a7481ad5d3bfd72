"""Lines of tools exist in every language and name things so that they can be told apart."""

import string

import pytest

from custom_components.jonh.agent.calls.tool_lines import (
    _LINES,
    NAMES_MAX,
    Line,
    label,
    labels,
    line,
)
from custom_components.jonh.agent.home import Area, Entity, Home
from custom_components.jonh.agent.languages import Language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("which", Line)
def test_every_line_exists(which: Line, language: Language) -> None:
    """Each line names the same details in every language."""
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(_LINES[tongue][which]) if name}
        for tongue in (language, Language.PT_BR)
    ]
    assert fields[0] == fields[1]
    details = dict.fromkeys(fields[0], "x")
    assert "{" not in line(which, language, **details)


def test_labels() -> None:
    """A room is told where the name does not tell it."""
    home = Home(areas=(Area(id="sala", name="Sala de Estar", aliases=("Sala",)),))
    lamp = Entity(entity_id="light.a", name="Abajur", area_id="sala")
    light = Entity(entity_id="light.b", name="Luz da Sala", area_id="sala")
    garden = Entity(entity_id="light.c", name="Jardim")
    assert label(lamp, home) == "Abajur (Sala de Estar)"
    assert label(light, home) == "Luz da Sala"
    assert labels([garden] * 9, home).count("Jardim") == NAMES_MAX
