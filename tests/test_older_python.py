"""The servers and their tests load on the oldest Python they claim, here without that Python."""

from pathlib import Path

import pytest

from tests.rules.older_python import older_python_faults

ROOT = Path(__file__).parents[1]


def test_servers_and_their_tests_load_on_it() -> None:
    """No newer syntax and no name that only a newer Python would look up late."""
    assert older_python_faults(ROOT) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("try:\n    pass\nexcept OSError, ValueError:\n    pass\n", "except"),
        ("if TYPE_CHECKING:\n    from x import Y\ndef f(y: Y) -> None: ...\n", "Y is imported"),
        ("if TYPE_CHECKING:\n    from x import Y\nclass C:\n    y: list[Y]\n", "Y is imported"),
    ],
    ids=["syntax", "signature", "field"],
)
def test_newer_code_is_found(source: str, fault: str, tmp_path: Path) -> None:
    """A file that only 3.14 loads is named, also when it is a fake that a test imports."""
    (tmp_path / "tests" / "wyoming_servers").mkdir(parents=True)
    (tmp_path / "tests" / "fakes").mkdir()
    test = tmp_path / "tests" / "wyoming_servers" / "test_x.py"
    test.write_text("from tests.fakes.y import z\n")
    (tmp_path / "tests" / "fakes" / "y.py").write_text(source)
    faults = older_python_faults(tmp_path)
    assert len(faults) == 1
    assert faults[0].startswith("tests/fakes/y.py:")
    assert fault in faults[0]


def test_late_names_are_no_fault(tmp_path: Path) -> None:
    """Type aliases and annotations inside functions are looked up late on 3.13 too."""
    (tmp_path / "wyoming_servers").mkdir()
    late = "if TYPE_CHECKING:\n    from x import Y\ntype Z = Y\ndef f():\n    y: Y = 1\n"
    (tmp_path / "wyoming_servers" / "a.py").write_text(late)
    assert older_python_faults(tmp_path) == []
