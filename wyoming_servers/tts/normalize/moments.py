"""Dates, times of day and durations."""

import re
from collections.abc import Callable, Mapping

from wyoming_servers.tts.normalize.lexicon import NUMBER_START, Lexicon, Rule, alternatives

_Form = tuple[str, Callable[[re.Match[str]], str]]

# A date or time does not stand inside a longer number or code.
_START = r"(?<![\w.,:/-])"
_END = r"(?![\w:/]|[.,-]\d)"

# "2/3 of the house" is no day.
_NOT_PART = r"(?!(?<=/[234]) (?:d[oae]s?|of) [^\W\d])"

_SHORT_HOURS = 4
"""Without other signs "4h30" is a duration and "5h30" a time: timers are seldom so long."""


def rules(lexicon: Lexicon) -> list[Rule]:
    """Give the rules for dates and times, in the order in which they are to be tried."""
    say = _Moments(lexicon)
    found = [*_dates(lexicon, say), *_times(lexicon, say)]
    return [(re.compile(pattern), reading) for pattern, reading in found]


def _dates(lexicon: Lexicon, say: "_Moments") -> list[_Form]:
    short = _capitalized_too(lexicon.month_short)
    names = f"{_capitalized_too(lexicon.months)}|{short}"
    ordinal = alternatives(tuple(form for form, _ in lexicon.ordinal_forms))
    day, month = rf"(\d{{1,2}})(?:{ordinal})?", rf"({names})\b\.?"
    of_month, of_year = lexicon.words["of_month"], lexicon.words["of_year"]
    month_first: list[_Form] = [
        (rf"(?<!\w){month} {day}(?:,? (\d{{4}}))?(?![\w:]|[.,]\d)", say.month_day)
    ]
    return [
        (
            rf"{_START}(\d{{4}})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::\d\d(?:[.,]\d+)?)?"
            r"(?:Z|[+-]\d\d:?\d\d)?(?!\w)",
            say.timestamp,
        ),
        (rf"{_START}(\d{{4}})[-/](\d\d?)[-/](\d\d?){_END}", say.iso_date),
        (
            rf"{_START}(\d\d?)([./-])(\d\d?)\2(\d{{4}}|\d\d){_END}(,? (?=\d\d?:\d\d))?",
            say.full_date,
        ),
        (rf"(?<!\w)((?i:{lexicon.date_cue}),? )(\d\d?)/(\d\d?){_END}{_NOT_PART}", say.cued_date),
        (rf"{_START}(\d\d?)/(\d\d?){_END}{_NOT_PART}", say.bare_date),
        (
            rf"(?<!\w)(?:[Tt]he )?{day}[ /-](?:{of_month} )?{month}"
            rf"(?:(?:,? |{of_year}|/)(\d{{4}}))?(?!\d)",
            say.day_month,
        ),
        # "março 5" is no date in Portuguese.
        *([] if lexicon.h_is_clock else month_first),
        (rf"{_START}({names})[/-](\d{{4}})(?!\w)", say.month_year),
        (rf"(?<!\w)({short})\b\.?(?= de \d{{4}})", say.month_word),
    ]


def _times(lexicon: Lexicon, say: "_Moments") -> list[_Form]:
    clock = r"(?<![\d:.,])([01]?\d|2[0-4]):([0-5]\d)"
    # The last stop of "a.m." goes, unless the sentence ends there.
    half_day = r" ?([AaPp])(?:\.[Mm]\b(?:\.(?= *\S))?|[Mm]\b(?:\.(?= [a-z\d]))?)"
    cue = lexicon.clock_cue
    with_h: list[_Form] = [
        (
            rf"(?<!\w)((?i:{cue}) )?([01]?\d|2[0-4]) ?h ?([0-5]\d)(?: ?min\b| ?m\b)?(?!\w)",
            say.hour_minute,
        ),
        (rf"(?<!\w)((?i:{cue}) )([01]?\d|2[0-4]) ?hs?(?!\w)", say.cued_hour),
    ]
    return [
        (
            r"(?:\d:\d\d(?: ?[AaPp]\.?[Mm]\.?)?|\d ?h(?:\d\d)?|\d ?[AaPp]\.?[Mm]\.?)"
            r" ?[-–—] ?(?=\d{1,2}(?::\d\d| ?h| ?[AaPp]\.?[Mm]))",
            say.clock_range,
        ),
        (r"(?<![\d:.,])(\d{1,3}):([0-5]\d):([0-5]\d)(?:[.,]\d+)?(?![\d:])", say.stopwatch),
        (rf"{clock}(?::[0-5]\d)?{half_day}", say.half_day_clock),
        (rf"(?<![\w:.,])(1[0-2]|0?\d)(){half_day}", say.half_day_clock),
        (rf"{clock}(?: ?(?:h|hs|hrs|horas)\b)?(?![\d:])", say.clock),
        (r"(?<![\w:.,])(\d{1,2}):(\d{1,2})(?![\d:])", say.ratio),
        *(with_h if lexicon.h_is_clock else []),
        (
            rf"{NUMBER_START}(?<!\w)(?=\d+ ?(?:d|h|min|m)[ ,]{{0,2}}\d)(?:(\d+) ?d,? ?)?"
            r"(?:(\d+) ?h,? ?)?(?:(\d+) ?(?:min|m),? ?)?(?:(\d+) ?s)?(?!\w)",
            say.duration,
        ),
    ]


class _Moments:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def timestamp(self, match: re.Match[str]) -> str:
        year, month, day, hour, minute = map(int, match.groups())
        if not (_is_date(day, month) and hour < 24 and minute < 60):
            return match[0]
        at = self._lexicon.words["at_time"]
        return f"{self._lexicon.date(day, month, year)} {at} {self._lexicon.clock(hour, minute)}"

    def iso_date(self, match: re.Match[str]) -> str:
        year, month, day = map(int, match.groups())
        return self._lexicon.date(day, month, year) if _is_date(day, month) else match[0]

    def full_date(self, match: re.Match[str]) -> str:
        day, month = self._ordered(int(match[1]), int(match[3]))
        if not _is_date(day, month):
            return match[0]
        year = int(match[4])
        said = self._lexicon.date(day, month, year if year > 99 else 2000 + year)
        return f"{said} {self._lexicon.words['at_time']} " if match[5] else said

    def cued_date(self, match: re.Match[str]) -> str:
        first, second = int(match[2]), int(match[3])
        day, month = self._ordered(first, second)
        if self._is_score(match, 2) or not _is_date(day, month):
            return match[0]
        return match[1] + self._lexicon.date(day, month, None)

    def bare_date(self, match: re.Match[str]) -> str:
        """Without a word before it, 3/4 is a part, 5/10 a score and 25/12 a date."""
        first, second = int(match[1]), int(match[2])
        is_padded = "0" in (match[1][0], match[2][0])
        if not is_padded and first <= second and second in {2, 3, 4, 10}:
            return match[0]
        day, month = self._ordered(first, second)
        if self._is_score(match, 1) or not _is_date(day, month):
            return match[0]
        return self._lexicon.date(day, month, None)

    def _is_score(self, match: re.Match[str], group: int) -> bool:
        """Whether a word such as "nota" stands before, at most two words away."""
        before = match.string[max(0, match.start(group) - 30) : match.start(group)]
        cue = rf"(?<!\w)(?i:{self._lexicon.score_cue})\W*(?:\w+ ){{0,2}}$"
        return re.search(cue, before) is not None

    def day_month(self, match: re.Match[str]) -> str:
        day, month = int(match[1]), self._month(match[2])
        if not _is_date(day, month):
            return match[0]
        said = self._lexicon.date(day, month, int(match[3]) if match[3] else None)
        # The stop of an abbreviation at the end is also that of the sentence.
        is_last = match.end() == len(match.string) and match[0].endswith(".")
        return f"{said}." if is_last else said

    def month_day(self, match: re.Match[str]) -> str:
        day, month = int(match[2]), self._month(match[1])
        if not _is_date(day, month):
            return match[0]
        return self._lexicon.date(day, month, int(match[3]) if match[3] else None)

    def month_year(self, match: re.Match[str]) -> str:
        month = self._lexicon.months[self._month(match[1]) - 1]
        return f"{month}{self._lexicon.words['of_year']}{self._lexicon.year(int(match[2]))}"

    def month_word(self, match: re.Match[str]) -> str:
        return self._lexicon.months[self._month(match[1]) - 1]

    def clock_range(self, match: re.Match[str]) -> str:
        return f"{match[0].rstrip(' -–—')} {self._lexicon.words['to_time']} "

    def stopwatch(self, match: re.Match[str]) -> str:
        """Read h:mm:ss; of a time of day and of a duration the same is said."""
        return self._duration(("h", match[1]), ("min", match[2]), ("s", match[3]))

    def half_day_clock(self, match: re.Match[str]) -> str:
        hour, minute = int(match[1]), int(match[2] or 0)
        is_morning = match[3] in "Aa"
        half = self._lexicon.words.get("am" if is_morning else "pm")
        if half is None or hour > 12 or (hour, minute) == (12, 0):
            return self._lexicon.clock(hour % 12 + (0 if is_morning else 12), minute)
        if minute:
            return f"{self._lexicon.clock(hour, minute)} {half}"
        return f"{self._lexicon.count(hour)} {half}"

    def clock(self, match: re.Match[str]) -> str:
        return self._lexicon.clock(int(match[1]) % 24, int(match[2]))

    def ratio(self, match: re.Match[str]) -> str:
        return f"{match[1]} {self._lexicon.words['by']} {match[2]}"

    def hour_minute(self, match: re.Match[str]) -> str:
        hour, minute = int(match[2]), int(match[3])
        before = match.string[max(0, match.start() - 24) : match.start()]
        is_duration = re.search(rf"(?<!\w)(?i:{self._lexicon.duration_cue})\s*$", before)
        if not match[1] and (is_duration or hour <= _SHORT_HOURS):
            return self._duration(("h", match[2]), ("min", match[3]))
        return (match[1] or "") + self._lexicon.clock(hour % 24, minute)

    def cued_hour(self, match: re.Match[str]) -> str:
        return match[1] + self._lexicon.clock(int(match[2]) % 24, 0)

    def duration(self, match: re.Match[str]) -> str:
        days, hours, minutes, seconds = match.groups()
        given = [
            (unit, digits)
            for unit, digits in (("d", days), ("h", hours), ("min", minutes), ("s", seconds))
            if digits
        ]
        if len(given) < 2 or len(match[0]) > 30:
            return match[0]
        return self._duration(*given) + match[0][len(match[0].rstrip(" ,")) :]

    def _duration(self, *given: tuple[str, str]) -> str:
        lexicon = self._lexicon
        parts = []
        for unit, digits in given:
            if value := int(digits):
                noun = lexicon.units[unit]
                counted = noun.many if lexicon.is_plural(value) else noun.one
                parts.append(f"{lexicon.cardinal(value, noun.feminine)} {counted}")
        zero = f"{lexicon.count(0)} {lexicon.units[given[-1][0]].many}"
        return lexicon.join(parts) or zero

    def _ordered(self, first: int, second: int) -> tuple[int, int]:
        """Tell day and month; what can only be read the other way round is."""
        is_month_first = self._lexicon.month_first
        if is_month_first and first > 12:
            is_month_first = False
        elif not is_month_first and second > 12:
            is_month_first = True
        return (second, first) if is_month_first else (first, second)

    def _month(self, written: str) -> int:
        lowered = written.lower()
        for number, name in enumerate(self._lexicon.months, 1):
            if name.lower() == lowered:
                return number
        return {key.lower(): value for key, value in self._lexicon.month_short.items()}[lowered]


def _is_date(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def _capitalized_too(names: Mapping[str, int] | tuple[str, ...]) -> str:
    """Match names as they are written or with a capital: "may" is no month in English."""
    return alternatives(tuple({*names, *(name.capitalize() for name in names)}))
