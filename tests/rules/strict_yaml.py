"""YAML as its readers differ on it: what one takes and another refuses is a fault.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

from typing import TYPE_CHECKING, Any

import yaml

from tests.rules.repository import files

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = {".yaml", ".yml"}
# Words that YAML 1.1 reads as true and false and 1.2 as text; keys of workflows are free of that.
AMBIGUOUS = {"yes", "no", "on", "off", "y", "n"}


class StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice, and passes over tags of other programs."""


def _mapping(loader: StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)
        if name in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value} stands here twice", key.start_mark
            )
        seen.add(name)
    return loader.construct_mapping(node, deep=True)


def _foreign(loader: StrictLoader, suffix: str, node: yaml.Node) -> Any:
    del suffix
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return _mapping(loader, node)


StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
StrictLoader.add_multi_constructor("!", _foreign)


def load(text: str) -> Any:
    """Return the one document of a YAML text; raise `yaml.YAMLError` where readers differ."""
    return yaml.load(text, Loader=StrictLoader)


def yaml_faults(root: Path) -> list[str]:
    """Return YAML files that do not load strictly, or not the same everywhere."""
    return [
        f"{path}:{fault}"
        for path in files(root)
        if path.suffix in SUFFIXES
        for fault in _file_faults((root / path).read_text("utf-8"))
    ]


def _file_faults(text: str) -> list[str]:
    try:
        list(yaml.load_all(text, Loader=StrictLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return [f"{line}: {error.problem}"]
    faults = [
        f"{number}: ends in spaces"
        for number, line in enumerate(text.split("\n"), start=1)
        if line != line.rstrip()
    ]
    if not text.endswith("\n") or text.endswith("\n\n"):
        faults.append(f"{text.count(chr(10))}: the file does not end with one line break")
    return [*faults, *_ambiguous_words(text)]


def _ambiguous_words(text: str) -> list[str]:
    """Return plain values that some readers take for a truth value and others for text."""
    faults = []
    for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
        pending: list[yaml.Node | None] = [node]
        while pending:
            node = pending.pop()
            if isinstance(node, yaml.MappingNode):
                pending += [value for _, value in node.value]
            elif isinstance(node, yaml.SequenceNode):
                pending += node.value
            elif isinstance(node, yaml.ScalarNode) and _is_ambiguous(node):
                line = node.start_mark.line + 1
                faults.append(f"{line}: {node.value} is a truth value to some, text to others")
    return faults


def _is_ambiguous(node: yaml.ScalarNode) -> bool:
    return node.style is None and node.value.lower() in AMBIGUOUS
