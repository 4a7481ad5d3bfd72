"""The words of Portuguese, as said in Brazil and in Portugal."""

import re
from dataclasses import replace

from num2words import num2words

from wyoming_servers.tts.normalize.lexicon import Currency, Lexicon, Noun
from wyoming_servers.tts.normalize.portuguese_words import (
    ABBREVIATIONS,
    ACRONYMS,
    CURRENCIES,
    FEMININE_NOUNS,
    LETTERS,
    MONTH_SHORT,
    MONTHS,
    UNITS,
    WORDS,
)

_HUNDREDS = re.compile(r"entos\b")
_MILLIONS = re.compile(r".*\w+(?:ão|ões)\b")


def _cardinal(value: int, feminine: bool, lang: str) -> str:
    # num2words puts commas after thousands in Brazil, where nobody pauses.
    said = str(num2words(value, lang=lang)).replace(",", "")
    return _feminine(said) if feminine else said


def _feminine(said: str) -> str:
    """Agree with a feminine noun, which num2words cannot: "duzentas e vinte e uma mil".

    Millions are masculine whatever is counted: "dois milhões e duas mil pessoas".
    """
    found = _MILLIONS.match(said)
    head, tail = (found[0], said[found.end() :]) if found else ("", said)
    tail = _HUNDREDS.sub("entas", tail)
    return head + re.sub(r"\bum\b", "uma", re.sub(r"\bdois\b", "duas", tail))


def _brazilian(value: int, feminine: bool) -> str:
    return _cardinal(value, feminine, "pt_BR")


def _european(value: int, feminine: bool) -> str:
    return _cardinal(value, feminine, "pt")


def _ordinal(value: int, feminine: bool) -> str:
    said = str(num2words(value, lang="pt_BR", to="ordinal")) if value else "zero"
    return re.sub(r"o\b", "a", said) if feminine else said


def _brazilian_fraction(digits: str) -> str:
    return _fraction(digits, "pt_BR")


def _european_fraction(digits: str) -> str:
    return _fraction(digits, "pt")


def _fraction(digits: str, lang: str) -> str:
    """Say what follows the comma as one number after its zeros, long ones digit by digit."""
    significant = digits.lstrip("0")
    if len(digits) > 3 or not significant:
        parts = list(digits)
    else:
        parts = [*["0"] * (len(digits) - len(significant)), significant]
    return " ".join(_cardinal(int(part), feminine=False, lang=lang) for part in parts)


def _is_plural(value: float) -> bool:
    """Below two it is singular: "um vírgula cinco grau"."""
    return value >= 2


def _brazilian_year(value: int) -> str:
    return _brazilian(value, feminine=False)


def _european_year(value: int) -> str:
    return _european(value, feminine=False)


def _brazilian_date(day: int, month: int, year: int | None) -> str:
    said = f"{_brazilian(day, feminine=False) if day > 1 else 'primeiro'} de {MONTHS[month - 1]}"
    return said if year is None else f"{said} de {_brazilian_year(year)}"


def _european_date(day: int, month: int, year: int | None) -> str:
    said = f"{_european(day, feminine=False)} de {MONTHS[month - 1]}"
    return said if year is None else f"{said} de {_european_year(year)}"


def _brazilian_clock(hour: int, minute: int) -> str:
    return _clock(hour, minute, "pt_BR")


def _european_clock(hour: int, minute: int) -> str:
    return _clock(hour, minute, "pt")


def _clock(hour: int, minute: int, lang: str) -> str:
    """Say midnight and noon by name; the repairs below put their article right."""
    if hour in {0, 12} and (minute == 0 or hour == 0):
        said = "meia-noite" if hour == 0 else "meio-dia"
    else:
        said = _cardinal(hour, feminine=True, lang=lang)
        if minute == 0:
            said = f"{said} {'hora' if hour == 1 else 'horas'}"
    return f"{said} e {_cardinal(minute, feminine=False, lang=lang)}" if minute else said


def _half(feminine: bool) -> str:
    return "meia" if feminine else "meio"


_CLOCK_CUE = (
    r"às|as|das|à|(?:a partir|antes|depois) d?as|até as|até às|após as|desde as|pelas|por volta das"
    r"|são|(?:entre as|das|às|as) \d\d?(?: ?h|:\d\d)?(?: e| e as| às| as)"
)

# A clock's reading does not know the word before it, and neither noon nor one is plural.
_REPAIRS = (
    (r"\b([Ee])ntre [àa]s meio-dia", r"\1ntre o meio-dia"),
    (r"\b[àa]s meio-dia", "ao meio-dia"),
    (r"\bÀs meio-dia", "Ao meio-dia"),
    (r"\b[àa]s meia-noite", "à meia-noite"),
    (r"\bÀs meia-noite", "À meia-noite"),
    (r"\b([Dd])as meio-dia", r"\1o meio-dia"),
    (r"\b([Dd])as meia-noite", r"\1a meia-noite"),
    (r"\b[àa]s uma (?=hora\b|e\b)", "à uma "),
    (r"\bÀs uma (?=hora\b|e\b)", "À uma "),
    (r"\b([Dd])as uma (?=hora\b|e\b)", r"\1a uma "),
    (r"\bSão (?=meio-dia|meia-noite|uma hora)", "É "),
    (r"\bsão (?=meio-dia|meia-noite|uma hora)", "é "),
)

BRAZILIAN = Lexicon(
    tag="pt-BR",
    decimal_mark=",",
    month_first=False,
    spaced_thousands=False,
    h_is_clock=True,
    cardinal=_brazilian,
    ordinal=_ordinal,
    year=_brazilian_year,
    fraction=_brazilian_fraction,
    is_plural=_is_plural,
    date=_brazilian_date,
    clock=_brazilian_clock,
    half=_half,
    parts={3: Noun("terço", "terços"), 4: Noun("quarto", "quartos")},
    units=UNITS,
    unit_alone=r"kWh|Wh|kW|MWh|km(?=/h)|m(?=/s)|°C|°F|ºC|ºF|Mbps|Gbps|ppm|ppb|hPa|mmHg|GHz|MHz|kHz|dBm|kcal",
    per_nouns=(
        "dia",
        "mês",
        "ano",
        "hora",
        "minuto",
        "segundo",
        "semana",
        "pessoa",
        "litro",
        "quilo",
        "noite",
    ),
    feminine_nouns=FEMININE_NOUNS,
    feminine_cue=(
        r"às|as|à|das|nas|pelas|estas|essas|aquelas|suas|minhas|nossas|outras|últimas|próximas"
    ),
    currencies=CURRENCIES,
    magnitudes={
        "mil": Noun("mil", "mil"),
        "milhão": Noun("milhão", "milhões"),
        "milhões": Noun("milhão", "milhões"),
        "mi": Noun("milhão", "milhões"),
        "bilhão": Noun("bilhão", "bilhões"),
        "bilhões": Noun("bilhão", "bilhões"),
        "bi": Noun("bilhão", "bilhões"),
        "trilhão": Noun("trilhão", "trilhões"),
        "trilhões": Noun("trilhão", "trilhões"),
        "k": Noun("mil", "mil"),
    },
    of_magnitude="de ",
    months=MONTHS,
    month_short=MONTH_SHORT,
    date_cue=(
        r"dia|dias|em|até|desde|de|do|no|ao|para|hoje|amanhã|ontem|data|vence|entre|a partir de"
        r"|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|sábado|domingo|semana d[eo]"
    ),
    clock_cue=_CLOCK_CUE,
    duration_cue=(
        r"por|durante|em|dura|duram|há|faltam?|mais|após|daqui a|uns|umas|quase|apenas|só|restam?"
        r"|leva|levou|demora|(?:timer|temporizador|duração|total|tempo|ciclo|cerca)(?: de)?"
    ),
    score_cue=r"notas?|nível|avaliação|placar|score|ventilador|velocidade|brilho|bateria|passo|etapa"
    r"|luzes|lâmpadas|portas|janelas",
    code_cue=(
        r"códigos?|senha|PIN|pin|CEP|palavra-passe|protocolo|token|matrícula|CPF|RG|NIF|pedido|rastreio"
        r"|telefone|celular|fone|WhatsApp|telemóvel|número de série"
    ),
    copula=r"é|são|era|foi",
    version_cue=r"versão|firmware|release|Home Assistant|Core|Android|iOS|Python|OS",
    year_cue=r"ano|ano de",
    ordinal_forms=(
        ("º", False),
        ("ª", True),
        (".º", False),
        (".ª", True),
        ("o", False),
        ("a", True),
    ),
    phones=(
        r"(?:\+?55 ?)?\(\d{2}\) ?9? ?\d{4}[ -]?\d{4}",
        r"(?:\+?55 )?\d{2}[ -]9?\d{4}-\d{4}",
        r"9\d{4}-\d{4}|(?!19|20)\d{4}-\d{4}|(?:19|20)\d{2}-(?!19|20)\d{4}",
        r"0[3589]00[ -]?\d{3}[ -]?\d{4}",
        r"\d{3}\.\d{3}\.\d{3}-\d{2}",
        r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}",
        r"\d{5}-\d{3}",
    ),
    roman_ordinal_cue=(
        r"Pedro|João|Luís|Luiz|Henrique|Bento|Pio|Carlos|Felipe|Filipe|Afonso|Manuel|Maria|José"
        r"|Elizabeth|Isabel|Paulo|Francisco|Leão|Napoleão|Sancho|Dinis|George|Charles|Nicolau|Ramsés"
    ),
    queens=r"Maria|Isabel|Elizabeth|Catarina|Vitória",
    roman_cardinal_cue=r"séculos?|capítulo|volume|tomo|ato|tipo|fase|parte|Guerra Mundial",
    words=WORDS,
    letters=LETTERS,
    abbreviations=ABBREVIATIONS,
    literals=(
        # Fine dust, by the size of its grains.
        (r"\bPM ?(2[.,]5|10)\b", r"PM \1"),
        (r"\bI(?= Guerra Mundial)", "Primeira"),
        (r"\bII(?= Guerra Mundial)", "Segunda"),
        (r"(?<![\d/])24/7(?![\d/])", "vinte e quatro por sete"),
        (r"\b(UTC|GMT) ?(?=[-+−]\d)", r"\1 "),
        (r"\bCO[2₂]\b", "cê ó dois"),
        (r"\b(\d{1,2})K\b", r"\1 cá"),
        (r"(?<=\d)k(?![\w/])", " mil"),
        (r"(\d)[°](?= (?:andar|lugar|piso|turno|dia|mês|ano|colocado|de [a-z]))", r"\1º"),
    ),
    repairs=(
        (r"\baté às meio-dia", "até o meio-dia"),
        *_REPAIRS,
        (r"\b([A-ZÀ-Ý]\w+) x (?=[A-ZÀ-Ý])", r"\1 contra "),
    ),
    acronyms=ACRONYMS,
)

_CENTIMO = Noun("cêntimo", "cêntimos")

EUROPEAN = replace(
    BRAZILIAN,
    repairs=((r"\baté às meio-dia", "até ao meio-dia"), *_REPAIRS),
    tag="pt-PT",
    spaced_thousands=True,
    cardinal=_european,
    year=_european_year,
    fraction=_european_fraction,
    date=_european_date,
    clock=_european_clock,
    units={
        **UNITS,
        "km": Noun("quilómetro", "quilómetros"),
        "km²": Noun("quilómetro quadrado", "quilómetros quadrados"),
        "A": Noun("ampere", "amperes"),
        "mA": Noun("miliampere", "miliamperes"),
        "mAh": Noun("miliampere-hora", "miliamperes-hora"),
        "px": Noun("píxel", "píxeis"),
        "VA": Noun("volt-ampere", "volt-amperes"),
    },
    currencies={
        **CURRENCIES,
        **{sign: Currency(CURRENCIES["€"].whole, _CENTIMO) for sign in ("€", "EUR")},
        **{sign: Currency(CURRENCIES["$"].whole, _CENTIMO) for sign in ("$", "US$", "USD")},
    },
    magnitudes={
        "mil": Noun("mil", "mil"),
        "milhão": Noun("milhão", "milhões"),
        "milhões": Noun("milhão", "milhões"),
        "M": Noun("milhão", "milhões"),
        "mil milhões": Noun("milhar de milhões", "mil milhões"),
        "k": Noun("mil", "mil"),
    },
    phones=(
        r"(?:\+351 ?)?[23789]\d{2}[ -]?\d{3}[ -]?\d{3}(?!,)",
        r"\d{4}-\d{3}",
        r"[89]00 ?\d{3} ?\d{3}",
    ),
)
