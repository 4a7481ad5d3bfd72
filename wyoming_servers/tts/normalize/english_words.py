"""Nouns, signs and abbreviations of English."""

from wyoming_servers.tts.normalize.lexicon import Currency, Noun


def _s(name: str) -> Noun:
    return Noun(name, f"{name}s")


def _same(name: str) -> Noun:
    return Noun(name, name)


_DEGREE_C = Noun("degree Celsius", "degrees Celsius")
_DEGREE_F = Noun("degree Fahrenheit", "degrees Fahrenheit")

UNITS = {
    "%": _same("percent"),
    "°C": _DEGREE_C, "ºC": _DEGREE_C, "° C": _DEGREE_C,
    "°F": _DEGREE_F, "ºF": _DEGREE_F, "° F": _DEGREE_F,
    "°": _s("degree"), "º": _s("degree"), "K": _s("kelvin"),
    "mW": _s("milliwatt"), "W": _s("watt"), "kW": _s("kilowatt"), "KW": _s("kilowatt"),
    "MW": _s("megawatt"),
    "Wh": _s("watt-hour"), "kWh": _s("kilowatt-hour"), "KWh": _s("kilowatt-hour"),
    "MWh": _s("megawatt-hour"),
    "kWp": Noun("kilowatt peak", "kilowatts peak"),
    "VA": _s("volt-ampere"), "kVA": _s("kilovolt-ampere"),
    "mV": _s("millivolt"), "V": _s("volt"), "kV": _s("kilovolt"),
    "mA": _s("milliamp"), "A": _s("amp"), "mAh": _s("milliamp-hour"), "Ah": _s("amp-hour"),
    "Ω": _s("ohm"), "kΩ": _s("kilohm"),
    "Hz": _same("hertz"), "kHz": _same("kilohertz"), "MHz": _same("megahertz"),
    "GHz": _same("gigahertz"),
    "km": _s("kilometer"), "m": _s("meter"), "cm": _s("centimeter"), "mm": _s("millimeter"),
    "µm": _s("micrometer"),
    "mph": Noun("mile per hour", "miles per hour"), "mi": _s("mile"), "ft": Noun("foot", "feet"),
    "sq ft": Noun("square foot", "square feet"), "ft²": Noun("square foot", "square feet"),
    "yd": _s("yard"), "yds": _s("yard"), "lb": _s("pound"), "lbs": _s("pound"), "oz": _s("ounce"),
    "fl oz": _s("fluid ounce"),
    "gal": _s("gallon"), "tsp": _s("teaspoon"), "tbsp": _s("tablespoon"),
    "inHg": Noun("inch of mercury", "inches of mercury"),
    "m²": _s("square meter"), "m2": _s("square meter"), "km²": _s("square kilometer"),
    "cm²": _s("square centimeter"),
    "m³": _s("cubic meter"), "m3": _s("cubic meter"), "cm³": _s("cubic centimeter"),
    "s²": Noun("second squared", "seconds squared"),
    "ha": _s("hectare"),
    "l": _s("liter"), "L": _s("liter"), "ml": _s("milliliter"), "mL": _s("milliliter"),
    "g": _s("gram"), "kg": _s("kilogram"), "mg": _s("milligram"), "µg": _s("microgram"),
    "ug": _s("microgram"),
    "lx": _same("lux"), "lux": _same("lux"), "lm": _s("lumen"),
    "ppm": Noun("part per million", "parts per million"),
    "ppb": Noun("part per billion", "parts per billion"),
    "dB": _s("decibel"), "dBA": _s("decibel"), "dBm": _same("dee bee em"),
    "hPa": _s("hectopascal"), "kPa": _s("kilopascal"), "Pa": _s("pascal"), "mbar": _s("millibar"),
    "bar": _s("bar"),
    "psi": _same("PSI"), "PSI": _same("PSI"),
    "mmHg": Noun("millimeter of mercury", "millimeters of mercury"),
    # Not in "gate 12B".
    " B": _s("byte"), "kB": _s("kilobyte"), "KB": _s("kilobyte"), "MB": _s("megabyte"),
    "GB": _s("gigabyte"), "TB": _s("terabyte"),
    "MiB": _s("mebibyte"), "GiB": _s("gibibyte"),
    "kbit": _s("kilobit"), "Mbit": _s("megabit"), "Mb": _s("megabit"), "Gbit": _s("gigabit"),
    "kbps": Noun("kilobit per second", "kilobits per second"),
    "Mbps": Noun("megabit per second", "megabits per second"),
    "Gbps": Noun("gigabit per second", "gigabits per second"),
    "ms": _s("millisecond"), "s": _s("second"), "sec": _s("second"), "secs": _s("second"),
    "min": _s("minute"), "mins": _s("minute"),
    "h": _s("hour"), "hr": _s("hour"), "hrs": _s("hour"), "d": _s("day"), "mo": _s("month"),
    "yr": _s("year"), "yrs": _s("year"),
    "px": _s("pixel"), "rpm": Noun("revolution per minute", "revolutions per minute"),
    "RPM": Noun("revolution per minute", "revolutions per minute"),
    "bpm": Noun("beat per minute", "beats per minute"),
    "fps": Noun("frame per second", "frames per second"),
    "kcal": _s("kilocalorie"), "cal": _s("calorie"), "kJ": _s("kilojoule"),
    "x": Noun("time", "times"),
}  # fmt: skip

_DOLLAR = Currency(_s("dollar"), _s("cent"))
_EURO = Currency(_s("euro"), _s("cent"))
_POUND = Currency(_s("pound"), Noun("penny", "pence"))
_REAL = Currency(Noun("real", "reais"), _s("centavo"))
CURRENCIES = {
    "$": _DOLLAR, "US$": _DOLLAR, "USD": _DOLLAR, "€": _EURO, "EUR": _EURO,
    "£": _POUND, "GBP": _POUND, "R$": _REAL, "BRL": _REAL,
}  # fmt: skip

MAGNITUDES = {
    "thousand": _same("thousand"), "million": _same("million"), "billion": _same("billion"),
    "trillion": _same("trillion"),
    "k": _same("thousand"), "K": _same("thousand"), "M": _same("million"), "m": _same("million"),
    "bn": _same("billion"), "B": _same("billion"),
}  # fmt: skip

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTH_SHORT = {**{name[:3]: number for number, name in enumerate(MONTHS, 1)}, "Sept": 9}

WORDS = {
    "point": "point", "dot": "dot", "version_dot": "point", "hyphen": "dash",
    "underscore": "underscore", "slash": "slash", "colon": "colon", "at": "at",
    "port": "port", "version": "version",
    "minus": "minus", "plus": "plus", "plus_minus": "plus or minus", "times": "times", "by": "by",
    "divided_by": "divided by", "equals": "equals", "differs": "is not",
    "at_least": "at least", "at_most": "at most", "more_than": "more than",
    "less_than": "less than", "about": "about",
    "power": "to the power of", "squared": "squared", "cubed": "cubed", "section": "section",
    "percent": "percent",
    "and": "and", "or": "or", "to": "to", "to_time": "to", "at_time": "at", "of_part": "",
    "of_month": "of", "of_year": " ", "until": "through",
    "per": "per", "out_of": "out of", "number": "number", "arrow": "to", "the_ordinal": "the ",
    "am": "AM", "pm": "PM", "a_half": "a half",
}  # fmt: skip

# espeak reads a capital A before a word as the article, and "eh" as the letter.
LETTERS = {"A": "eh"}

_DAYS = (
    ("Mon", "Monday"), ("Tues?", "Tuesday"), ("Wed", "Wednesday"), ("Thu(?:rs)?", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"), ("Sun", "Sunday"),
)  # fmt: skip
_DAY = "|".join(short for short, _ in _DAYS)
_DAY_NAMES = "|".join(name for _, name in _DAYS)
# "Sat" and "Sun" are words too: days only with a full stop, before a date or in a row.
_BEFORE_DATE = (
    r"(?:\.|(?=,? (?:\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)))|(?= at \d))(?![\w])"
)
_IN_ROW = rf"\.?(?= ?(?:[-–]|to|and|through) ?(?:{_DAY})\b)"
_ROW_BEFORE = rf"((?:{_DAY_NAMES}) ?(?:[-–]|to|and|through) ?)"

ABBREVIATIONS = (
    (r"Mr\.?(?= )", "Mister"), (r"Mrs\.?(?= )", "Missus"), (r"Ms\.?(?= )", "Miz"),
    (r"Dr\.?(?= [A-Z])", "Doctor"),
    (r"(?<=[a-z] )Dr\.", "Drive"), (r"Prof\.", "Professor"), (r"St\.(?= [A-Z])", "Saint"),
    (r"(?<=[a-z] )St\.", "Street"),
    (r"Ave\.", "Avenue"), (r"Rd\.", "Road"), (r"Blvd\.", "Boulevard"),
    (r"Apt\.?(?= \d)", "Apartment"),
    (r"Sr\.", "Senior"), (r"Jr\.", "Junior"), (r"Inc\.", "Incorporated"), (r"Ltd\.", "Limited"),
    (r"Corp\.", "Corporation"), (r"Co\.", "Company"),
    (r"[Nn]os?\.(?= ?\d)", "number"), (r"[Vv]s\.?(?= )", "versus"),
    (r"[Ee]\.g\.,?(?= )", "for example,"), (r"[Ii]\.e\.,?(?= )", "that is,"),
    (r"etc\.", "et cetera"), (r"[Aa]pprox\.", "approximately"),
    (r"(?<!\d)(?<!\d )[Mm]in\.", "minimum"), (r"[Mm]ax\.", "maximum"),
    (r"[Tt]emp\.", "temperature"), (r"[Aa]vg\.", "average"), (r"[Ee]st\.(?= )", "estimated"),
    (r"[Dd]ept\.", "department"),
    (r"[Tt]el\.", "telephone"), (r"[Ee]xt\.", "extension"), (r"[Ff]ig\.(?= \d)", "figure"),
    (r"[Vv]ol\.(?= \d)", "volume"), (r"pp\.(?= \d)", "pages"), (r"[Pp]g?\.(?= \d)", "page"),
    (r"[Ww]/o(?= )", "without"), (r"(?<!\d )w/(?= ?\w)", "with "), (r"a\.k\.a\.", "also known as"),
    (r"U\.S\.A\.", "USA"), (r"U\.S\.", "US"), (r"U\.K\.", "UK"),
    (r"[Hh]rs\.", "hours"),
    *(
        (rf"((?:[Ii]n|of|[Ss]ince|[Uu]ntil|[Bb]y) ){short}\.", rf"\1{MONTHS[number - 1]}")
        for short, number in MONTH_SHORT.items()
    ),
    *((rf"(?<=\(){short}\.?(?=\))", day) for short, day in _DAYS),
    *((rf"{short}{_IN_ROW}", day) for short, day in _DAYS),
    *((rf"{_ROW_BEFORE}{short}\b\.?", rf"\1{day}") for short, day in _DAYS),
    (rf"({_DAY_NAMES}) ?[-–] ?(?={_DAY_NAMES})", r"\1 to "),
    *((rf"{short}{_BEFORE_DATE}", day) for short, day in _DAYS),
)  # fmt: skip

# espeak reads capitals letter by letter and the usual names well (TV, USB, GPS, Wi-Fi, UV).
ACRONYMS: dict[str, str] = {}
