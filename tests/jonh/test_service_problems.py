"""What went wrong is said in every language, without a word of the service."""

import pytest
from homeassistant.core import State
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceNotFound,
    ServiceValidationError,
    Unauthorized,
)

from custom_components.jonh.actions.problems import (
    OPTIONS_MAX,
    Problem,
    Reason,
    no_option,
    out_of_range,
    problem_of,
)
from custom_components.jonh.agent.languages import Language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason, language: Language) -> None:
    """Each reason is a predicate without a period, its details filled in."""
    details = {"options": "a, b", "low": "1", "high": "9"}
    said = Problem(reason=reason, details=details).words(language)
    assert said
    assert said[0].islower()
    assert said[-1] != "."
    assert "{" not in said


def test_options_are_told() -> None:
    """The options that there are come with the answer, as many as one can keep in mind."""
    said = no_option([f"o{i}" for i in range(10)]).words(Language.PT_BR)
    assert said.startswith("só tem as opções o0, o1")
    assert said.count("o") >= OPTIONS_MAX
    assert "o6" not in said
    assert no_option([]).reason is Reason.UNSUPPORTED


def test_numbers_are_short() -> None:
    """A range is told as the language writes numbers."""
    assert out_of_range(16.0, 30.5).words(Language.PT_BR) == "só vai de 16 a 30,5"


@pytest.mark.parametrize(
    ("error", "attributes", "reason"),
    [
        (Unauthorized(), {}, Reason.NOT_ALLOWED),
        (TimeoutError(), {}, Reason.TOO_SLOW),
        (ServiceNotFound("a", "b"), {}, Reason.UNSUPPORTED),
        (ServiceValidationError("no code"), {"code_format": "number"}, Reason.NEEDS_CODE),
        (ServiceValidationError("wrong"), {}, Reason.FAILED),
        (HomeAssistantError("secret words"), {}, Reason.FAILED),
        (RuntimeError("library"), {}, Reason.FAILED),
    ],
)
def test_errors_have_reasons(error: Exception, attributes: dict[str, str], reason: Reason) -> None:
    """Whatever a service raises becomes one of our reasons."""
    assert problem_of(error, State("lock.a", "locked", attributes)).reason is reason
