"""The tables of the sizing page in Brazilian Portuguese."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.sizing import page
from benchmarks.tables import table

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = page.PAGE.parent / "pt-BR" / page.PAGE.name

_MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
_DAY = re.compile(r"Printed by (`[^`]+`) on (\d+ [A-Z]\w+ \d+): ")
_NUMBER = re.compile(r"(?<![\w.,])(\d+(?:,\d{3})*)(\.\d+)?(?![\w.,]*\d)")
# Whole cells: what stays in them is in groups.
_PHRASES = (
    (r"CPU s of an utterance of (.+)", r"s de CPU de uma fala de \1"),
    (r"end of (.+) to its transcript, nothing else to do, ms",
     r"do fim de \1 até a transcrição, sem mais nada para fazer, ms"),
    (r"utterances of (.+) a minute: one worker, one core",
     r"falas de \1 por minuto: um servidor, um núcleo"),
    (r"answers of (\d+) characters a minute: one worker, one core",
     r"respostas de \1 caracteres por minuto: um servidor, um núcleo"),
    (r"two workers, a core each", "dois servidores, um núcleo para cada"),
    (r"the same, per core", "o mesmo, por núcleo"),
    (r"one worker, two threads, two cores", "um servidor, duas threads, dois núcleos"),
    (r"peak memory of a worker, MB", "pico de memória de um servidor, MB"),
    (r"seconds of speech in a CPU second", "segundos de fala em um segundo de CPU"),
    (r"CPU s of (\d+) characters, (\d+) s of sound", r"s de CPU de \1 caracteres, \2 s de som"),
    (r"first sound of (\d+) characters, nothing else to do, ms",
     r"primeiro som de \1 caracteres, sem mais nada para fazer, ms"),
    (r"later for each other answer that is being spoken, ms",
     "a mais para cada outra resposta que está sendo falada, ms"),
    (r"(`\S+`) listens", r"\1 ouve"),
    (r"(\w+) speaks", r"\1 fala"),
    (r"rooms", "cômodos"),
    (r"one core", "um núcleo"),
    (r"two", "dois"),
    (r"four", "quatro"),
    (r"rooms \(homes\)", "cômodos (casas)"),
    (r"(\d+) cores", r"\1 núcleos"),
    (r"(\d+) machines of (\d+)", r"\1 máquinas de \2"),
    (r"4 cores: to listen \+ to speak", "4 núcleos: para ouvir + para falar"),
    (r"(\d+) x (\d+) threads? \+ (\d+) x (\d+) threads?",
     r"\1 x \2 thread + \3 x \4 thread"),
    (r"busy", "ocupado"),
    (r"requests", "pedidos"),
    (r"failed", "falharam"),
    (r"waited", "esperaram"),
    (r"formula", "fórmula"),
    (r"the same requests, played through", "os mesmos pedidos, simulados"),
    (r"(2 x jonh-stt, \w+), behind HAProxy", r"\1, atrás do HAProxy"),
    (r"(jonh-tts, \w+), first sound", r"\1, primeiro som"),
    (r"workers", "servidores"),
    (r"utterances a minute", "falas por minuto"),
    (r"as counted", "como contado"),
    (r"fewest connections", "menos conexões"),
    (r"one queue", "uma fila só"),
)  # fmt: skip
_DISTURBED = dict(
    zip(
        page.DISTURBED,
        (
            "**Outros programas trabalhavam na máquina**, e tudo está mais lento do que sem eles.",
            "Não dimensione por estes números.",
        ),
        strict=True,
    )
)
# The same in both languages.
_NAMES = re.compile(r"(jonh-[st]t[st]|`\S+`|x?_?(low|medium|high))(, ?(\w|-)+)?|[\d\s.,%/()+-]*")


def bring_up_to_date() -> None:
    """Put what the English page shows into the Portuguese one. Raises PhraseError and PageError."""
    parts = {
        name: in_portuguese(name, lines)
        for name, lines in page.parts_of(page.PAGE.read_text("utf-8")).items()
        if lines
    }
    PAGE.write_text(page.put_in(PAGE.read_text("utf-8"), parts), "utf-8")


class PhraseError(Exception):
    """A cell says something that is not known in Portuguese."""


def in_portuguese(name: str, lines: Sequence[str]) -> list[str]:
    """Return a part of the page in Portuguese. Raises PhraseError."""
    if name == "machine":
        return [_about(line) for line in lines]
    english = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    head, _, *rows = [[_cell(cell) for cell in row] for row in english]
    return list(table(head, rows))


def _cell(text: str) -> str:
    for english, portuguese in _PHRASES:
        if found := re.fullmatch(english, text):
            text = found.expand(portuguese)
            break
    else:
        if not _NAMES.fullmatch(text):
            raise PhraseError(f"Nothing is known for {text!r}.")
    several = re.sub(r"x (?!1\b)(\d+) thread\b", r"x \1 threads", text)
    return _NUMBER.sub(_number, several)


def _number(found: re.Match[str]) -> str:
    return found[1].replace(",", ".") + (found[2] or "").replace(".", ",")


def _about(line: str) -> str:
    line = _DISTURBED.get(line, line)
    return re.sub(r"(\d+) cores of ", r"\1 núcleos de ", _DAY.sub(_printed, line))


def _printed(found: re.Match[str]) -> str:
    day = datetime.strptime(found[2], "%d %B %Y").replace(tzinfo=UTC)
    return f"Mostrado por {found[1]} em {day.day} de {_MONTHS[day.month - 1]} de {day.year}: "
