"""The words of English, as said in America and in Britain."""

from dataclasses import replace

from num2words import num2words

from wyoming_servers.tts.normalize.english_words import (
    ABBREVIATIONS,
    ACRONYMS,
    CURRENCIES,
    LETTERS,
    MAGNITUDES,
    MONTH_SHORT,
    MONTHS,
    UNITS,
    WORDS,
)
from wyoming_servers.tts.normalize.lexicon import Lexicon, Noun


def _cardinal(value: int, feminine: bool) -> str:
    del feminine
    # num2words puts a comma after "thousand", where nobody pauses.
    return str(num2words(value, lang="en")).replace(",", "")


def _ordinal(value: int, feminine: bool) -> str:
    del feminine
    return str(num2words(value, lang="en", to="ordinal")).replace(",", "")


def _year(value: int) -> str:
    if not 1000 < value < 3000:
        return _cardinal(value, feminine=False)
    return str(num2words(value, lang="en", to="year")).replace("oh-", "oh ").replace(",", "")


def _fraction(digits: str) -> str:
    return " ".join(_cardinal(int(digit), feminine=False) for digit in digits)


def _is_plural(value: float) -> bool:
    return value != 1


def _american_date(day: int, month: int, year: int | None) -> str:
    said = f"{MONTHS[month - 1]} {_ordinal(day, feminine=False)}"
    return said if year is None else f"{said}, {_year(year)}"


def _british_date(day: int, month: int, year: int | None) -> str:
    said = f"the {_ordinal(day, feminine=False)} of {MONTHS[month - 1]}"
    return said if year is None else f"{said} {_year(year)}"


def _clock(hour: int, minute: int) -> str:
    """Say "midnight", "nine o'clock", "fourteen hundred", "nine oh five", "fourteen thirty"."""
    if minute == 0 and hour in {0, 12}:
        return "noon" if hour else "midnight"
    said = _cardinal(hour, feminine=False)
    if minute == 0:
        return f"{said} o'clock" if hour < 12 else f"{said} hundred"
    if hour == 0:
        return f"{_clock(12, minute)} AM"
    oh = "oh " if minute < 10 else ""
    return f"{said} {oh}{_cardinal(minute, feminine=False)}"


def _half(feminine: bool) -> str:
    del feminine
    return "one half"


AMERICAN = Lexicon(
    tag="en-US",
    decimal_mark=".",
    month_first=True,
    spaced_thousands=False,
    h_is_clock=False,
    cardinal=_cardinal,
    ordinal=_ordinal,
    year=_year,
    fraction=_fraction,
    is_plural=_is_plural,
    date=_american_date,
    clock=_clock,
    half=_half,
    parts={2: Noun("half", "halves"), 3: Noun("third", "thirds"), 4: Noun("quarter", "quarters")},
    units=UNITS,
    unit_alone=r"kWh|Wh|kW|MWh|km(?=/h)|m(?=/s)|mph|°C|°F|Mbps|Gbps|ppm|ppb|hPa|mmHg|GHz|MHz|kHz|dBm|kcal|rpm",
    per_nouns=(
        "day",
        "month",
        "year",
        "hour",
        "minute",
        "second",
        "week",
        "person",
        "liter",
        "litre",
        "night",
        "gallon",
        "pound",
        "hr",
        "mo",
        "yr",
    ),
    currencies=CURRENCIES,
    magnitudes=MAGNITUDES,
    of_magnitude="",
    months=MONTHS,
    month_short=MONTH_SHORT,
    date_cue=(
        r"on|by|from|until|till|to|since|due|for|date|before|after|between|of|dated|starting|through"
        r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|today|tomorrow|yesterday"
        r"|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
    ),
    score_cue=r"score[ds]?|rat(?:ing|ed)|level|fan|speed|brightness|battery|step",
    code_cue=(
        r"codes?|PIN|pin|password|passcode|zip|ZIP|zip code|token|account|number|order"
        r"|extension|ext|dial|serial|phone"
    ),
    copula=r"is|are|was",
    version_cue=r"version|firmware|release|Home Assistant|Core|Android|iOS|Python|OS",
    year_cue=(
        r"in|between|since|year|during|until|before|after|from|to|by|of|early|late"
        r"|mid|circa|summer|winter|spring|autumn|fall|copyright|" + "|".join(MONTHS)
    ),
    ordinal_forms=(("st", False), ("nd", False), ("rd", False), ("th", False)),
    phones=(
        r"(?:\+?1[ .-])?\(\d{3}\) ?\d{3}[ .-]\d{4}",
        r"(?:\+?1[ .-])?\d{3}[.-]\d{3}[.-]\d{4}",
        r"\d{3}-\d{4}",
        r"\d{3}-\d{2}-\d{4}",
        r"\d{5}-\d{4}",
        r"0\d{2,4} \d{3,4} \d{3,4}|0\d{4} \d{6}",
        r"(?:911|999)",
    ),
    roman_ordinal_cue=(
        r"King [A-Z][a-z]+|Queen [A-Z][a-z]+|Pope [A-Z][a-z]+(?: [A-Z][a-z]+)?"
        r"|Elizabeth|Charles|Henry|George|Louis|John Paul|James|Edward|Richard|William|Napoleon"
        r"|Catherine|Benedict|Pedro"
    ),
    roman_cardinal_cue=r"World War|Chapter|Part|Act|Volume|Type|Phase|Section|Episode",
    words=WORDS,
    letters=LETTERS,
    abbreviations=ABBREVIATIONS,
    literals=(
        # Fine dust, by the size of its grains.
        (r"\bPM ?(2\.5|10)\b", r"PM \1"),
        (r"\b(UTC|GMT) ?(?=[-+−]\d)", r"\1 "),
        (r"\bCO[2₂]\b", "C O two"),
        (r"(?<![$€£])\b(\d{1,2})K\b", r"\1 kay"),
        (r"(?<=\d)k(?![\w/])", " thousand"),
        (r"(?<!\d)2000s\b", "two thousands"),
        (r"(?<!\d)1([89])00s\b", r"1\1 hundreds"),
        # Feet and inches; a quotation mark alone may only close a quotation.
        (r"(?<!\d)(\d)'(\d{1,2})\"(?!\w)", r"\1 ft \2"),
        (r"(?<![\d\"])(\d{2})\"(?= ?(?:TV|screen|monitor|display))", r"\1 inch"),
        *(
            # "the 1990s" and "the 90s".
            (rf"(?<!\d)(?:(1[1-9]|20)|(?<=the ))'?{tens}s\b", rf"\1 {said}")
            for tens, said in (
                ("20", "twenties"),
                ("30", "thirties"),
                ("40", "forties"),
                ("50", "fifties"),
                ("60", "sixties"),
                ("70", "seventies"),
                ("80", "eighties"),
                ("90", "nineties"),
            )
        ),
        (r"(?<!\d)24/7(?!\d)", "twenty-four seven"),
    ),
    # "the 25/12" in Britain.
    repairs=((rf"\b([Tt]he) the (?=[\w-]+ of (?:{'|'.join(MONTHS)}))", r"\1 "),),
    acronyms=ACRONYMS,
)

BRITISH = replace(AMERICAN, tag="en-GB", month_first=False, date=_british_date)
