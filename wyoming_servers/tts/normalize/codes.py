"""Names and codes made for machines: addresses, entities, versions, telephone numbers, PINs."""

import re

from wyoming_servers.tts.normalize.lexicon import NUMBER_START, Lexicon, Rule, alternatives

# Home Assistant's domains, so that "light.sala" is told from a full stop without a space.
_DOMAINS = (
    "alarm_control_panel|assist_satellite|automation|binary_sensor|button|calendar|camera|climate"
    "|conversation|counter|cover|device_tracker|event|fan|group|humidifier|input_boolean"
    "|input_button|input_datetime|input_number|input_select|input_text|lawn_mower|light|lock"
    "|media_player|notify|number|person|remote|scene|schedule|script|select|sensor|siren|stt|sun"
    "|switch|text|timer|todo|tts|update|vacuum|valve|wake_word|water_heater|weather|zone"
)
_TOP_LEVEL = (
    "com|org|net|io|br|pt|gov|edu|app|dev|local|lan|home|me|tv|info|uk|us|eu|de|fr|es|ai|be|co"
)
_FILE_ENDINGS = (
    "ya?ml|json|txt|pdf|mp3|mp4|mkv|jpe?g|png|gif|svg|py|log|conf|cfg|ini|html?|js|ts|css|csv"
    "|xlsx?|docx?|zip|gz|tar|wav|flac|onnx|md|sh|db|iso|bin|exe"
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_PRE_RELEASE = r"(?:[.-]?(?:alpha|beta|b|rc|dev)\.?\d*)?"
_VERSION = re.compile(r"(\d+(?:\.\d+)*)(.*)")
_DOTTED_DATE = re.compile(r"\d\d?\.\d\d?\.(?:19|20)\d\d")
_LETTER_RUN = re.compile(r"[._/@:+-]|[^._/@:+-]+")


def rules(lexicon: Lexicon) -> list[Rule]:
    """Give the rules for codes, in the order in which they are to be tried."""
    say = _Codes(lexicon)
    units = alternatives(lexicon.units)
    # Every pattern either starts where nothing of its kind stands before it or takes a run
    # whole, so none looks at the same text again and again.
    found = [
        (
            r"(?i)\b(?:https?|ftp|wss?)://([^\s/?#<>\"')\]]*\w)"
            r"(?:[/?#][^\s<>\"')\]]*(?<=[\w/=&-]))?",
            say.url,
        ),
        (r"(?<![\w.+-])([\w.+-]++)@([\w-]+(?:\.[\w-]+)+)", say.email),
        (
            rf"(?i)(?<![\w.@-])((?:[a-z0-9-]++\.)+(?:{_TOP_LEVEL}))(?::(\d{{2,5}}))?(?![\w@])"
            r"(?:/[\w./?=&%#-]*[\w/=])?",
            say.host,
        ),
        (
            r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])",
            say.hardware,
        ),
        (r"(?<![\w&])#[0-9A-Fa-f]{6}(?!\w)", say.colour),
        (
            rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?::(\d{{2,5}}))?(?:/(\d{{1,2}}))?(?!\.?\w)",
            say.network,
        ),
        (rf"(?<![\w.])(?:{_DOMAINS})\.([a-z0-9_]+)(?!\w)", say.entity),
        (rf"(?i)(?<![\w./~-])~?/?(?:[\w-]++[./])+(?:{_FILE_ENDINGS})(?!\w)", say.file),
        (r"(?<![\w/])(?:/[a-z_][\w-]*+(?:\.[\w-]++)*+){2,}/?", say.path),
        (r"(?<![\w-])(\w*[^\W_]_[^\W_]\w*)", say.snake),
        *((rf"(?<![\w.,+-])(?:{form})(?![\w-]|[.,]\d)", say.phone) for form in lexicon.phones),
        (r"(?<!\w)\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}(?![\w-])", say.phone),
        (
            rf"(?<!\w)((?i:{lexicon.version_cue})) ?(\d+(?:\.\d+)++{_PRE_RELEASE})(?!\w)",
            say.cued_version,
        ),
        (rf"(?<!\w)[vV](\d+(?:\.\d+)*+{_PRE_RELEASE})(?!\w)", say.v_version),
        (
            rf"{NUMBER_START}(?<!\w)\d++(?:\.\d++){{2,}}"
            rf"{_PRE_RELEASE}(?!\w|,\d)",
            say.version,
        ),
        (
            rf"(?<!\w)((?i:{lexicon.code_cue})(?:(?: [^\s\d]\S*){{0,4}} (?:{lexicon.copula})|:) "
            rf"|(?i:{lexicon.code_cue}) (?=\d{{4}}))"
            rf"(\d{{3,20}}(?:-\d{{2,8}}){{0,3}})(?![\w.,/:-]?\w)(?! ?(?:{units})(?!\w))",
            say.code,
        ),
    ]
    return [(re.compile(pattern), reading) for pattern, reading in found]


class _Codes:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def url(self, match: re.Match[str]) -> str:
        host, _, port = match[1].rpartition("@")[2].partition(":")
        return self._host(host, port)

    def host(self, match: re.Match[str]) -> str:
        return self._host(match[1], match[2])

    def email(self, match: re.Match[str]) -> str:
        at = self._lexicon.words["at"]
        return f"{self._dotted(match[1])} {at} {self._dotted(match[2])}"

    def hardware(self, match: re.Match[str]) -> str:
        pairs = re.split("[:-]", match[0])
        return ", ".join(self._lexicon.spell(pair) for pair in pairs)

    def colour(self, match: re.Match[str]) -> str:
        return self._lexicon.spell(match[0][1:])

    def network(self, match: re.Match[str]) -> str:
        address = re.split("[:/]", match[0])[0]
        said = self._host(address, match[1])
        if match[2]:
            said = f"{said} {self._lexicon.words['slash']} {self._cardinal(match[2])}"
        return said

    def entity(self, match: re.Match[str]) -> str:
        return match[1].replace("_", " ").strip()

    def file(self, match: re.Match[str]) -> str:
        name = match[0].rstrip("/").rpartition("/")[2]
        return self._dotted(name.replace("_", " ").replace("-", " "))

    def path(self, match: re.Match[str]) -> str:
        names = match[0].strip("/").split("/")
        slash = self._lexicon.words["slash"]
        return f" {slash} ".join(self._dotted(name) for name in names)

    def snake(self, match: re.Match[str]) -> str:
        return match[1].replace("_", " ").strip()

    def phone(self, match: re.Match[str]) -> str:
        plus = self._lexicon.words["plus"]
        groups = re.findall(r"\d+", match[0])
        said = ", ".join(self._lexicon.digits(group) for group in groups)
        return f"{plus} {said}" if match[0].startswith("+") else said

    def code(self, match: re.Match[str]) -> str:
        groups = match[2].split("-")
        return match[1] + ", ".join(map(self._lexicon.digits, groups))

    def cued_version(self, match: re.Match[str]) -> str:
        return f"{match[1]} {self._version(match[2])}"

    def v_version(self, match: re.Match[str]) -> str:
        return f"{self._lexicon.words['version']} {self._version(match[1])}"

    def version(self, match: re.Match[str]) -> str:
        groups = match[0].split(".")
        if len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]):
            return match[0]  # a number with its thousands marked
        if _DOTTED_DATE.fullmatch(match[0]):
            return match[0]
        return self._version(match[0])

    def _version(self, written: str) -> str:
        dot = f" {self._lexicon.words['version_dot']} "
        # What is joined by dots, then what follows them: "2026.11.0b3", "1.2.0-rc1".
        dotted, suffix = _VERSION.match(written).groups()  # type: ignore[union-attr]
        said = [dot.join(map(self._version_part, dotted.split(".")))]
        for part in re.findall(r"\d+|[a-z]+", suffix):
            is_word = part in {"alpha", "beta", "dev"}
            said.append(
                self._cardinal(part)
                if part.isdecimal()
                else part
                if is_word
                else self._lexicon.spell(part)
            )
        return " ".join(said)

    def _version_part(self, digits: str) -> str:
        if len(digits) == 4 and digits.startswith("20"):
            return self._lexicon.year(int(digits))
        return self._cardinal(digits)

    def _cardinal(self, digits: str) -> str:
        return self._lexicon.say(self._lexicon.parse(digits))

    def _host(self, host: str, port: str | None) -> str:
        said = self._dotted(host.removeprefix("www."))
        if port:
            said = f"{said}, {self._lexicon.words['port']} {self._lexicon.digits(port)}"
        return said

    def _dotted(self, name: str) -> str:
        words = {
            ".": "dot", "-": "hyphen", "_": "underscore", "/": "slash",
            "@": "at", ":": "colon", "+": "plus",
        }  # fmt: skip
        parts = _LETTER_RUN.findall(name)
        said = (self._lexicon.words[words[part]] if part in words else part for part in parts)
        return " ".join(part for part in said if part)
