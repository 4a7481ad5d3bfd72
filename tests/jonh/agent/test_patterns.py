"""Patterns out of lists of words."""

import re

from custom_components.jonh.agent.patterns import any_of


def test_any_of() -> None:
    """White space parts the alternatives, "_" stands for a blank."""
    pattern = re.compile(any_of("por_favor\n  ei   lig(a|ue)"))
    assert pattern.pattern == "(?:por favor|ei|lig(a|ue))"
    assert pattern.fullmatch("por favor")
    assert pattern.fullmatch("ligue")
    assert not pattern.fullmatch("por_favor")
