"""Nouns, signs and abbreviations of Portuguese, those of Brazil where the two differ."""

from wyoming_servers.tts.normalize.lexicon import Currency, Noun

_DEGREE_C = Noun("grau Celsius", "graus Celsius")
_DEGREE_F = Noun("grau Fahrenheit", "graus Fahrenheit")

UNITS = {
    "%": Noun("por cento", "por cento"),
    "°C": _DEGREE_C, "ºC": _DEGREE_C, "° C": _DEGREE_C, "º C": _DEGREE_C,
    "°F": _DEGREE_F, "ºF": _DEGREE_F, "° F": _DEGREE_F, "º F": _DEGREE_F,
    "°": Noun("grau", "graus"),
    "K": Noun("kelvin", "kelvins"),
    "mW": Noun("miliwatt", "miliwatts"),
    "W": Noun("watt", "watts"),
    "kW": Noun("quilowatt", "quilowatts"), "KW": Noun("quilowatt", "quilowatts"),
    "MW": Noun("megawatt", "megawatts"),
    "Wh": Noun("watt-hora", "watts-hora"),
    "kWh": Noun("quilowatt-hora", "quilowatts-hora"),
    "KWh": Noun("quilowatt-hora", "quilowatts-hora"),
    "MWh": Noun("megawatt-hora", "megawatts-hora"),
    "kWp": Noun("quilowatt-pico", "quilowatts-pico"),
    "VA": Noun("volt-ampère", "volt-ampères"),
    "kVA": Noun("quilovolt-ampère", "quilovolt-ampères"),
    "mV": Noun("milivolt", "milivolts"), "V": Noun("volt", "volts"),
    "kV": Noun("quilovolt", "quilovolts"),
    "mA": Noun("miliampère", "miliampères"), "A": Noun("ampère", "ampères"),
    "mAh": Noun("miliampère-hora", "miliampères-hora"), "Ah": Noun("ampère-hora", "ampères-hora"),
    "Ω": Noun("ohm", "ohms"), "kΩ": Noun("quilo-ohm", "quilo-ohms"),
    "Hz": Noun("hertz", "hertz"), "kHz": Noun("quilohertz", "quilohertz"),
    "MHz": Noun("megahertz", "megahertz"), "GHz": Noun("gigahertz", "gigahertz"),
    "km": Noun("quilômetro", "quilômetros"), "m": Noun("metro", "metros"),
    "cm": Noun("centímetro", "centímetros"), "mm": Noun("milímetro", "milímetros"),
    "µm": Noun("micrômetro", "micrômetros"),
    "mph": Noun("milha por hora", "milhas por hora", feminine=True),
    "mi": Noun("milha", "milhas", feminine=True),
    "ft": Noun("pé", "pés"),
    "pol": Noun("polegada", "polegadas", feminine=True),
    "m²": Noun("metro quadrado", "metros quadrados"),
    "m2": Noun("metro quadrado", "metros quadrados"),
    "km²": Noun("quilômetro quadrado", "quilômetros quadrados"),
    "cm²": Noun("centímetro quadrado", "centímetros quadrados"),
    "m³": Noun("metro cúbico", "metros cúbicos"), "m3": Noun("metro cúbico", "metros cúbicos"),
    "cm³": Noun("centímetro cúbico", "centímetros cúbicos"),
    "s²": Noun("segundo ao quadrado", "segundos ao quadrado"),
    "ha": Noun("hectare", "hectares"),
    "l": Noun("litro", "litros"), "L": Noun("litro", "litros"),
    "ml": Noun("mililitro", "mililitros"), "mL": Noun("mililitro", "mililitros"),
    "g": Noun("grama", "gramas"), "kg": Noun("quilo", "quilos"),
    "mg": Noun("miligrama", "miligramas"),
    "µg": Noun("micrograma", "microgramas"), "ug": Noun("micrograma", "microgramas"),
    "lb": Noun("libra", "libras", feminine=True),
    "t": Noun("tonelada", "toneladas", feminine=True),
    "lx": Noun("lux", "lux"), "lux": Noun("lux", "lux"), "lm": Noun("lúmen", "lúmens"),
    "ppm": Noun("parte por milhão", "partes por milhão", feminine=True),
    "ppb": Noun("parte por bilhão", "partes por bilhão", feminine=True),
    "dB": Noun("decibel", "decibéis"), "dBA": Noun("decibel", "decibéis"),
    "dBm": Noun("decibel-miliwatt", "decibéis-miliwatt"),
    "hPa": Noun("hectopascal", "hectopascais"), "kPa": Noun("quilopascal", "quilopascais"),
    "Pa": Noun("pascal", "pascais"), "mbar": Noun("milibar", "milibares"),
    "bar": Noun("bar", "bares"),
    "psi": Noun("PSI", "PSI"), "PSI": Noun("PSI", "PSI"),
    "mmHg": Noun("milímetro de mercúrio", "milímetros de mercúrio"),
    # Not in "portão 12B".
    " B": Noun("byte", "bytes"),
    "kB": Noun("quilobyte", "quilobytes"), "KB": Noun("quilobyte", "quilobytes"),
    "MB": Noun("megabyte", "megabytes"), "GB": Noun("gigabyte", "gigabytes"),
    "TB": Noun("terabyte", "terabytes"),
    "MiB": Noun("mebibyte", "mebibytes"), "GiB": Noun("gibibyte", "gibibytes"),
    "kbit": Noun("quilobit", "quilobits"), "Mbit": Noun("megabit", "megabits"),
    "Mb": Noun("megabit", "megabits"),
    "Gbit": Noun("gigabit", "gigabits"),
    "kbps": Noun("quilobit por segundo", "quilobits por segundo"),
    "Mbps": Noun("megabit por segundo", "megabits por segundo"),
    "Gbps": Noun("gigabit por segundo", "gigabits por segundo"),
    "ms": Noun("milissegundo", "milissegundos"),
    "s": Noun("segundo", "segundos"), "seg": Noun("segundo", "segundos"),
    "min": Noun("minuto", "minutos"),
    "h": Noun("hora", "horas", feminine=True), "hs": Noun("hora", "horas", feminine=True),
    "hrs": Noun("hora", "horas", feminine=True),
    "d": Noun("dia", "dias"),
    "px": Noun("pixel", "pixels"),
    "rpm": Noun("rotação por minuto", "rotações por minuto", feminine=True),
    "RPM": Noun("rotação por minuto", "rotações por minuto", feminine=True),
    "bpm": Noun("batida por minuto", "batidas por minuto", feminine=True),
    "fps": Noun("quadro por segundo", "quadros por segundo"),
    "kcal": Noun("quilocaloria", "quilocalorias", feminine=True),
    "cal": Noun("caloria", "calorias", feminine=True),
    "kJ": Noun("quilojoule", "quilojoules"),
    "x": Noun("vez", "vezes", feminine=True),
}  # fmt: skip

FEMININE_NOUNS = (
    r"luz(?:es)?|lâmpadas?|portas?|janelas?|tomadas?|câmeras?|câmaras?|horas?|semanas?|pessoas?|vez(?:es)?"
    r"|músicas?|mensagens|mensagem|cortinas?|persianas?|estações|estação|notificações|notificação"
    r"|automações|automação|cenas?|listas?|tarefas?|reuniões|reunião|entidades?|áreas?|salas?"
    r"|zonas?|fechaduras?|televisões|televisão|caixas?|baterias?|pilhas?|faixas?|playlists?"
    r"|xícaras?|chávenas?|colher(?:es)?|garrafas?|páginas?|noites?|manhãs|manhã|tardes?|chamadas?"
    r"|ligações|ligação|casas?|unidades?|placas?|opções|opção|maneiras?|formas?|coisas?|perguntas?"
    r"|voltas?|calorias?|libras?|polegadas?|milhas?|toneladas?|gotas?|camadas?|crianças?|plantas?"
    r"|vagas?|malas?|compras?|receitas?|etapas?|fatias?|latas?|maçãs?|bananas?|cebolas?|pitadas?|dúzias?|centenas?|metades?"
    r"|rotinas?|conversas?|temporadas?|atualizações|atualização|falhas?|máquinas?|regras?|rotações"
    r"|máximas?|mínimas?|partes?|peças?|cadeiras?|mesas?|camas?|gavetas?|escadas?|torneiras?"
)

CURRENCIES = {
    "R$": Currency(Noun("real", "reais"), Noun("centavo", "centavos")),
    "BRL": Currency(Noun("real", "reais"), Noun("centavo", "centavos")),
    "US$": Currency(Noun("dólar", "dólares"), Noun("centavo", "centavos")),
    "USD": Currency(Noun("dólar", "dólares"), Noun("centavo", "centavos")),
    "$": Currency(Noun("dólar", "dólares"), Noun("centavo", "centavos")),
    "€": Currency(Noun("euro", "euros"), Noun("centavo", "centavos")),
    "EUR": Currency(Noun("euro", "euros"), Noun("centavo", "centavos")),
    "£": Currency(Noun("libra", "libras", feminine=True), Noun("péni", "pence")),
    "GBP": Currency(Noun("libra", "libras", feminine=True), Noun("péni", "pence")),
}

MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
MONTH_SHORT = {name[:3]: number for number, name in enumerate(MONTHS, 1)}

WORDS = {
    "point": "vírgula", "dot": "ponto", "version_dot": "ponto", "hyphen": "hífen",
    "underscore": "sublinhado", "slash": "barra", "colon": "dois pontos", "at": "arroba",
    "port": "porta", "version": "versão",
    "minus": "menos", "plus": "mais", "plus_minus": "mais ou menos", "times": "vezes", "by": "por",
    "divided_by": "dividido por", "equals": "igual a", "differs": "diferente de",
    "at_least": "maior ou igual a", "at_most": "menor ou igual a",
    "more_than": "maior que", "less_than": "menor que", "about": "cerca de",
    "power": "elevado a", "squared": "ao quadrado", "cubed": "ao cubo", "section": "parágrafo",
    "percent": "por cento",
    "and": "e", "or": "ou", "to": "a", "to_time": "às", "at_time": "às", "of_part": "de",
    "of_month": "de", "of_year": " de ", "until": "até",
    "per": "por", "out_of": "de", "number": "número", "arrow": "para", "the_ordinal": "",
}  # fmt: skip

LETTERS = {
    "A": "á", "B": "bê", "C": "cê", "D": "dê", "E": "é", "F": "éfe", "G": "gê", "H": "agá",
    "I": "i",
    "J": "jota", "K": "cá", "L": "éle", "M": "ême", "N": "ene", "O": "ó", "P": "pê", "Q": "quê",
    "R": "érre", "S": "ésse", "T": "tê", "U": "u", "V": "vê", "W": "dáblio", "X": "xis",
    "Y": "ípsilon", "Z": "zê",
}  # fmt: skip

_DAYS = (
    ("seg", "segunda"), ("ter", "terça"), ("qua", "quarta"), ("qui", "quinta"), ("sex", "sexta"),
    ("sáb", "sábado"), ("sab", "sábado"), ("dom", "domingo"),
)  # fmt: skip
_DAY = "|".join(short for short, _ in _DAYS)
_DAY_NAMES = "|".join(name for _, name in _DAYS)
# "ter." and "sex." are also words or ends of words: days only before a date or in a row.
_BEFORE_DATE = r"\.?(?=,? (?:\d{1,2}(?:/\d|º? de |\b)|[àa]s \d))"
_IN_ROW = rf"\.?(?= ?(?:[-–,]|a|e|ou) ?(?:{_DAY})\b)"
_ROW_BEFORE = rf"((?:{_DAY_NAMES})(?:-feira)? ?(?:[-–,]|a|e|ou) ?)"

ABBREVIATIONS = (
    (r"Srs\.", "senhores"), (r"Sras\.", "senhoras"), (r"Srta\.?(?= )", "senhorita"),
    (r"[Ss]r\.", "senhor"), (r"[Ss]ra\.", "senhora"), (r"Sr(?= [A-Z])", "senhor"),
    (r"Sra(?= [A-Z])", "senhora"),
    (r"[Dd]r\.?ª", "doutora"), (r"[Dd]r\.", "doutor"), (r"[Dd]ra\.", "doutora"),
    (r"[Pp]rof\.", "professor"),
    (r"[Pp]rofa\.|[Pp]rof\.?ª", "professora"),
    (r"[Ee]ng\.º?", "engenheiro"), (r"D\.(?= (?:Maria|Ana|Isabel|Leopoldina|Carlota))", "dona"),
    (r"D\.(?= [A-Z])", "dom"), (r"Sto\.", "santo"),
    (r"Sta\.", "santa"),
    (r"Av\.", "avenida"), (r"R\.(?= (?:\d+ de )?[A-ZÀ-Ý])", "rua"), (r"Al\.(?= [A-Z])", "alameda"),
    (r"Rod\.", "rodovia"),
    (r"Pça\.|Pç\.", "praça"), (r"[Aa]pto?\.?(?= \d)", "apartamento"),
    (r"[Ee]d\.(?= [A-Z])", "edifício"),
    (r"[Nn]\.?[º°]s?(?!\w*[^\W\d])\.?|[Nn]r\.(?= ?\d)|[Nn]úm\.", "número"),
    (r"[Pp]ágs\.|pp\.", "páginas"), (r"[Pp]ág\.|[Pp]\.(?= \d)", "página"),
    (r"[Tt]el\.", "telefone"), (r"[Cc]el\.", "celular"),
    (r"etc\.", "etcétera"), (r"[Pp]\. ?ex\.", "por exemplo"), (r"[Ee]x\.:?(?= )", "exemplo:"),
    (r"[Tt]emp\. m[ií]n\.", "temperatura mínima"), (r"[Tt]emp\. m[aá]x\.", "temperatura máxima"),
    (r"(?<=ura )m[ií]n\.|(?<=dade )m[ií]n\.|[Mm][ií]n\.:?(?= -?\d)", "mínima"),
    (r"(?<=ura )m[aá]x\.|(?<=dade )m[aá]x\.|[Mm][aá]x\.:?(?= -?\d)", "máxima"),
    (r"(?<!\d)(?<!\d )[Mm][ií]n\.", "mínimo"), (r"[Mm][aá]x\.", "máximo"),
    (r"[Aa]prox\.", "aproximadamente"), (r"[Tt]emp\.", "temperatura"), (r"[Uu]mid\.", "umidade"),
    (r"[Mm]éd\.", "média"), (r"[Ll]tda\.?", "limitada"), (r"S\.A\.|S/A", "esse á"),
    (r"[Cc]ia\.", "companhia"),
    (r"[Dd]epto\.", "departamento"), (r"[Oo]bs\.:?", "observação:"), (r"[Rr]ef\.", "referência"),
    (r"[Vv]ol\.(?= \d)", "volume"), (r"[Cc]ap\.(?= )", "capítulo"), (r"[Ff]ig\.(?= \d)", "figura"),
    (r"[Ss]écs\.", "séculos"), (r"[Ss]éc\.", "século"), (r"a\. ?C\.", "antes de Cristo"),
    (r"d\. ?C\.", "depois de Cristo"),
    (r"[Vv]s\.?(?= )", "contra"), (r"[Ii]nt\.(?= )", "interno"), (r"qtd\.", "quantidade"),
    (r"vel\.", "velocidade"),
    *(
        (rf"((?:[Ee]m|de|[Aa]té|[Dd]esde) ){short}\.", rf"\1{MONTHS[number - 1]}")
        for short, number in MONTH_SHORT.items()
        if short not in {"mar", "set", "out", "dez"}  # words themselves
    ),
    *((rf"(?<=\(){short}\.?(?=\))", day) for short, day in _DAYS),
    (r"c/(?= ?\w)", "com "), (r"s/(?= ?\w)", "sem "), (r"p/(?= ?\w)", "para "),
    *((rf"(?<!\d )(?i:{short}){_BEFORE_DATE}", day) for short, day in _DAYS),
    *((rf"(?<!\d )(?i:{short}){_IN_ROW}", day) for short, day in _DAYS),
    *((rf"{_ROW_BEFORE}{short}\b\.?", rf"\1{day}") for short, day in _DAYS),
    (rf"({_DAY_NAMES}) ?[-–] ?(?={_DAY_NAMES})", r"\1 a "),
)  # fmt: skip

# espeak reads most capitals letter by letter and the usual ones well (TV, USB, GPS, Wi-Fi, UV).
ACRONYMS = {
    "IA": "i á",
    "TI": "tê i",
}
