"""The guide in Brazilian Portuguese says all that the English one does."""

import re
from pathlib import Path

import pytest

from tests.rules import translated as rules
from tests.rules.translated import Page, Rule

ROOT = Path(__file__).parents[1]
PAIRS = list(rules.pairs(ROOT))

RULES: list[Rule] = [
    rules.heading_faults,
    rules.fence_faults,
    rules.table_faults,
    rules.code_faults,
    rules.number_faults,
    rules.link_faults,
    rules.label_faults,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1].name)
def test_translation_says_the_same(pair: tuple[Page, Page], rule: Rule) -> None:
    """Nothing of the English page is missing, and labels are those of the screen."""
    faults = rule(*pair)
    assert not faults, "\n".join(faults)


def test_the_guide_is_translated() -> None:
    """Every page for users that the English index names has a translation."""
    index = (ROOT / "docs" / "README.md").read_text("utf-8").split("For developers")[0]
    pages = {name for name in rules.LINK.findall(index) if re.fullmatch(r"[a-z-]+\.md", name)}
    assert pages
    assert pages <= {path.name for path in (ROOT / rules.FOLDER).glob("*.md")}


# --- A rule that cannot fail is none: each is broken once, in a small pair of pages.

ENGLISH = """\
# The house

[Em português](pt-BR/house.md)

Say *yes* or choose *Control of the home* ([more](#a-room)).

## A room

| flag | meaning |
|---|---|
| `--room` | its name, 1.5 s |

```sh
jonh-stt --room kitchen  # it listens
```

```yaml
title: Good night
entity_id: event.jonh_turn
```
"""
PORTUGUESE = """\
# A casa

[In English](../house.md)

Diga *sim* ou escolha *Controle da casa* ([mais](#um-cômodo)).

## Um cômodo

| flag | significado |
|---|---|
| `--room` | o nome dele, 1,5 s |

```sh
jonh-stt --room kitchen  # ele ouve
```

```yaml
title: Boa noite
entity_id: event.jonh_interacao
```
"""
BREAKS: dict[str, tuple[Rule, str, str]] = {
    "level of a heading": (rules.heading_faults, "## Um cômodo", "### Um cômodo"),
    "heading left out": (rules.heading_faults, "## Um cômodo", "Um cômodo"),
    "command": (rules.fence_faults, "--room kitchen", "--room cozinha"),
    "kind of a fence": (rules.fence_faults, "```sh", "```bash"),
    "key of a fence": (
        rules.fence_faults,
        "entity_id: event.jonh_interacao",
        "entity_id: x",
    ),
    "row left out": (rules.table_faults, "| `--room` | o nome dele, 1,5 s |\n", ""),
    "first cell": (rules.table_faults, "| `--room` |", "| `--rooms` |"),
    "cell left out": (rules.table_faults, "| o nome dele, 1,5 s |", "|"),
    "table left out": (rules.table_faults, "|", "-"),
    "flag left out": (rules.code_faults, "| `--room` |", "| o cômodo |"),
    "flag of its own": (rules.code_faults, "o nome dele", "o nome de `--casa`"),
    "other number": (rules.number_faults, "1,5 s", "1,6 s"),
    "link left out": (rules.link_faults, "[mais](#um-cômodo)", "mais"),
    "other heading": (rules.link_faults, "#um-cômodo", "#a-casa"),
    "no such heading": (rules.link_faults, "#um-cômodo", "#a-room"),
    "link into English": (rules.link_faults, "(#um-cômodo)", "(../house.md#a-room)"),
    "no way back": (rules.link_faults, "[In English](../house.md)", "Em inglês"),
    "label of its own": (rules.label_faults, "*Controle da casa*", "*Comando do lar*"),
    "label left out": (rules.label_faults, "*Controle da casa*", "o controle"),
}


def small_pair(root: Path, portuguese: str) -> tuple[Page, Page]:
    """Write the two small pages."""
    (root / rules.FOLDER).mkdir(parents=True)
    (root / "docs" / "house.md").write_text(ENGLISH, "utf-8")
    (root / rules.FOLDER / "house.md").write_text(portuguese, "utf-8")
    [pair] = rules.pairs(root)
    return pair


def test_the_small_pair_has_no_fault(tmp_path: Path) -> None:
    """What is broken below is whole before."""
    pair = small_pair(tmp_path, PORTUGUESE)
    assert [fault for rule in RULES for fault in rule(*pair)] == []


@pytest.mark.parametrize("broken", BREAKS)
def test_rule_finds(broken: str, tmp_path: Path) -> None:
    """Each rule finds the fault that is made for it."""
    rule, text, instead = BREAKS[broken]
    assert text in PORTUGUESE
    assert rule(*small_pair(tmp_path, PORTUGUESE.replace(text, instead)))


def test_headings_are_linked_as_on_github(tmp_path: Path) -> None:
    """Accents stay, marks go, and a heading that comes again is numbered."""
    (tmp_path / "a.md").write_text("# É assim: `x.y`\n## Não?\n## Não\n", "utf-8")
    assert Page(tmp_path, "a.md").slugs == ["é-assim-xy", "não", "não-1"]
