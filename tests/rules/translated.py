"""Rules for translated pages: they say all that the English ones do, with the labels people see.

A rule takes an English page and its translation and returns the faults; none means it holds.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.rules.screen import portuguese_labels

FOLDER = "docs/pt-BR"
AT_THE_ROOT = ("PRIVACY", "SECURITY")

FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
STARRED = re.compile(r"(?<!\*)(\*\*?)(?=\S)([^*\n]+?)(?<=\S)\1(?!\*)")
COMMENT = re.compile(r"((?:^|  )[ \t]*#) .*$", re.MULTILINE)

FOR_PEOPLE = {"", "text", "mermaid"}
"""Kinds of fences that hold sentences; the lines of one may be translated."""
TEXT_KEYS = {"alias", "description", "instructions", "message", "name", "task_name", "title"}
"""Keys of a YAML fence whose values are read by people."""
IN_PORTUGUESE = {"event.jonh_interacao": "event.jonh_turn"}
"""Ids that a Home Assistant in Portuguese makes, and what they are in English."""
ON_A_PHONE = """
    post, json, atalhos, ditar texto, texto ditado, obter conteúdo de url, conteúdo de url,
    reproduzir som, obter valor do dicionário, mostrar resultado, falar texto, gravar áudio,
    reproduzir vídeos automaticamente, autoplay videos, assist in app, apps, apps padrão,
    app de assistente digital"""
"""Labels of Apple's and of Home Assistant's programs on a phone."""
SAID = """
    sim, não, portão, garagem, porta, gate, alarme, gás, integração, int8, wyoming protocol,
    jonh, unhealthy, busy, 403, 503, host, jonhpeoplewait, outros, dashboards, new, import,
    queueing systems"""
"""Words in italics that are said, or stand for themselves."""

type Rule = Callable[[Page, Page], list[str]]


@dataclass(frozen=True)
class Page:
    """A page of a repository: where it lies, and its text without what is fenced off."""

    root: Path
    name: str

    @property
    def path(self) -> Path:
        """Return the file."""
        return self.root / self.name

    @property
    def whole(self) -> str:
        """Return everything in the file."""
        return self.path.read_text("utf-8")

    @property
    def prose(self) -> str:
        """Return the page without its fences."""
        return FENCE.sub("", self.whole)

    @property
    def fences(self) -> list[tuple[str, str]]:
        """Return the kind and the text of each fence."""
        return [(kind, text) for _, kind, text in FENCE.findall(self.whole)]

    @property
    def slugs(self) -> list[str]:
        """Return the anchors that GitHub gives to the headings, in their order."""
        slugs: list[str] = []
        for _, title in HEADING.findall(self.prose):
            title = LINK.sub(lambda link: link[0].split("](")[0][1:], title)
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            times = sum(1 for other in slugs if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other))
            slugs.append(f"{slug}-{times}" if times else slug)
        return slugs


def pairs(root: Path) -> Iterator[tuple[Page, Page]]:
    """Return each page that has a translation, with it."""
    for path in sorted((root / FOLDER).glob("*.md")):
        yield Page(root, f"docs/{path.name}"), Page(root, f"{FOLDER}/{path.name}")
    for name in AT_THE_ROOT:
        if (root / f"{name}.pt-BR.md").exists():
            yield Page(root, f"{name}.md"), Page(root, f"{name}.pt-BR.md")


# --- Rules


def heading_faults(english: Page, portuguese: Page) -> list[str]:
    """Return the first heading that has another level than its counterpart."""
    ours, theirs = (
        [(len(level), title) for level, title in HEADING.findall(page.prose)]
        for page in (portuguese, english)
    )
    for ours_, theirs_ in zip(ours, theirs, strict=False):
        if ours_[0] != theirs_[0]:
            return [f"{portuguese.name}: heading {ours_[1]!r} stands for {theirs_[1]!r}"]
    if len(ours) != len(theirs):
        return [f"{portuguese.name}: {len(ours)} headings for {len(theirs)}"]
    return []


def fence_faults(english: Page, portuguese: Page) -> list[str]:
    """Return fences that differ in more than their comments and their texts for people."""
    ours, theirs = portuguese.fences, english.fences
    if [kind for kind, _ in ours] != [kind for kind, _ in theirs]:
        return [f"{portuguese.name}: fences of other kinds or in another order"]
    return [
        f"{portuguese.name}: another fence than {their_text.splitlines()[0]!r}"
        for (kind, our_text), (_, their_text) in zip(ours, theirs, strict=True)
        if _skeleton(kind, our_text) != _skeleton(kind, their_text)
    ]


def _skeleton(kind: str, text: str) -> object:
    """Return what of a fence is the same in every language."""
    text = COMMENT.sub(r"\1", _international(text))
    if kind in FOR_PEOPLE:
        return len(text.splitlines()), sorted(re.findall(r"\{\{.*?\}\}", text))
    return [_without_texts(part) for part in yaml.safe_load_all(text)] if kind == "yaml" else text


def _international(text: str) -> str:
    for portuguese, english in IN_PORTUGUESE.items():
        text = text.replace(portuguese, english)
    return text


def _without_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_texts(item) for item in value]
    if isinstance(value, dict):
        return {
            key: "" if key in TEXT_KEYS and isinstance(item, str) else _without_texts(item)
            for key, item in value.items()
        }
    return value


def table_faults(english: Page, portuguese: Page) -> list[str]:
    """Return rows that are missing, have other cells or name other things in their first cell."""
    ours, theirs = _tables(portuguese), _tables(english)
    if len(ours) != len(theirs):
        return [f"{portuguese.name}: {len(ours)} tables for {len(theirs)}"]
    faults = []
    for our_table, their_table in zip(ours, theirs, strict=True):
        if len(our_table) != len(their_table):
            faults.append(f"{portuguese.name}: other rows than under {their_table[0][0]!r}")
            continue
        for our_row, their_row in zip(our_table, their_table, strict=True):
            first = [CODE.findall(_international(row[0])) for row in (our_row, their_row)]
            if len(our_row) != len(their_row) or first[0] != first[1]:
                faults.append(f"{portuguese.name}: another row than {their_row[0]!r}")
    return faults


def _tables(page: Page) -> list[list[list[str]]]:
    """Return the tables of a page, by row and cell."""
    found = re.findall(r"(?:^ *\|.*\n?)+", page.prose, re.MULTILINE)
    return [
        [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in table.split("\n")
        ]
        for table in (text.rstrip("\n") for text in found)
    ]


def code_faults(english: Page, portuguese: Page) -> list[str]:
    """Return what is in code type on one of the pages only: a flag, a file, a value."""
    ours, theirs = (set(CODE.findall(_international(page.prose))) for page in (portuguese, english))
    return [
        *(f"{portuguese.name}: does not name {code}" for code in sorted(theirs - ours)),
        *(f"{portuguese.name}: {code} is not in {english.name}" for code in sorted(ours - theirs)),
    ]


def number_faults(english: Page, portuguese: Page) -> list[str]:
    """Return numbers that are on one of the pages only; 0.4 and 0,4 are the same."""
    ours, theirs = (
        Counter(re.findall(r"\d+", LINK.sub("", page.prose))) for page in (portuguese, english)
    )
    return [
        *(f"{portuguese.name}: {number} is missing" for number in theirs - ours),
        *(f"{portuguese.name}: {number} is too many" for number in ours - theirs),
    ]


def link_faults(english: Page, portuguese: Page) -> list[str]:
    """Return links that do not lead where the English ones do, in Portuguese where there is one."""
    faults = [
        f"{page.name}: no link to the other language below the title"
        for page, other in ((english, portuguese), (portuguese, english))
        if not re.match(rf"# .+\n\n{re.escape(_switch(page, other))}\.?\n", page.whole)
    ]
    ours = Counter(_places(portuguese, _switch(portuguese, english)))
    theirs = Counter(_places(english, _switch(english, portuguese)))
    return [
        *faults,
        *(f"{portuguese.name}: leads to {place}" for place in ours - theirs),
        *(f"{portuguese.name}: does not lead to {place}" for place in theirs - ours),
    ]


def _switch(here: Page, there: Page) -> str:
    """Return the line that leads from a page to itself in the other language."""
    name = Path(os.path.relpath(there.path, here.path.parent)).as_posix()
    return f"[{'Em português' if 'pt-BR' in there.name else 'In English'}]({name})"


def _places(page: Page, switch: str) -> Iterator[str]:
    """Return where the links of a page lead: by English page and number of the heading."""
    translations = {ours.path.resolve(): theirs for theirs, ours in pairs(page.root)}
    has_translation = {theirs.path.resolve() for theirs in translations.values()}
    for target in LINK.findall(page.prose.replace(switch, "", 1)):
        if re.match(r"[a-z]+:", target):
            yield target
            continue
        name, _, anchor = target.partition("#")
        path = (page.path.parent / name).resolve() if name else page.path.resolve()
        if not path.exists():
            yield f"{target}, which does not exist"
            continue
        there = Page(page.root, path.relative_to(page.root.resolve()).as_posix())
        place = translations.get(path, there).name
        if "pt-BR" in page.name and path in has_translation:
            place += " in English"
        if anchor:
            place += f", heading {there.slugs.index(anchor) if anchor in there.slugs else anchor}"
        yield place


def label_faults(english: Page, portuguese: Page) -> list[str]:
    """Return labels that are not what a user interface in Portuguese says."""
    names, others = portuguese_labels(), _words(f"{ON_A_PHONE}, {SAID}")
    known = others.union(*names.values())
    ours = _starred(portuguese, "*", known)
    wanted = _starred(english, "*", set(names)) & set(names) - others
    return [
        *(
            f"{portuguese.name}: {label!r} is called {' or '.join(sorted(names[label]))}"
            for label in sorted(wanted)
            if not names[label] & (ours | _starred(portuguese, "**", known))
        ),
        *(f"{portuguese.name}: {label!r} is on no screen" for label in sorted(ours - known)),
    ]


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")}


def _starred(page: Page, stars: str, known: set[str]) -> set[str]:
    """Return what is set in italics or bold; a path such as "Settings, System" in its parts."""
    texts = [
        re.sub(r" \d$", " {index}", text.rstrip(".,:").casefold())
        for found, text in STARRED.findall(CODE.sub("", page.prose))
        if found == stars
    ]
    return {part for text in texts for part in ([text] if text in known else text.split(", "))}
