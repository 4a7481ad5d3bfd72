"""What Python 3.13, the servers' oldest, would refuse in code that is written on 3.14."""

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLDEST = (3, 13)
FAKE_IMPORT = re.compile(r"^from tests\.(fakes\.\w+|fakes) import", re.MULTILINE)


def older_python_faults(root: Path) -> list[str]:
    """Return what would not load there: of the servers, their tests and the fakes of those."""
    faults = []
    for path in sorted(_sources(root)):
        name = path.relative_to(root)
        try:
            tree = ast.parse(path.read_text("utf-8"), feature_version=OLDEST)
        except SyntaxError as error:
            faults.append(f"{name}:{error.lineno}: {error.msg}")
            continue
        faults += [f"{name}:{line}: {what}" for line, what in _early_names(tree)]
    return faults


def _sources(root: Path) -> set[Path]:
    paths = set((root / "wyoming_servers").rglob("*.py"))
    pending = list((root / "tests" / "wyoming_servers").rglob("*.py"))
    while pending:
        path = pending.pop()
        if path in paths or not path.is_file():
            continue
        paths.add(path)
        for module in FAKE_IMPORT.findall(path.read_text("utf-8")):
            pending.append(root / "tests" / f"{module.replace('.', '/')}.py")
    return paths


def _early_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield names in annotations that exist for type checkers only: 3.13 looks them up at once."""
    checked = {
        alias.asname or alias.name
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
    }
    for annotation in _evaluated_annotations(tree):
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name) and node.id in checked:
                yield node.lineno, f"{node.id} is imported for type checkers only"


def _evaluated_annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            every = [
                *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                arguments.vararg, arguments.kwarg,
            ]  # fmt: skip
            yield from (arg.annotation for arg in every if arg and arg.annotation)
            if node.returns:
                yield node.returns
        elif isinstance(node, ast.Module | ast.ClassDef):
            yield from (part.annotation for part in node.body if isinstance(part, ast.AnnAssign))
