"""Language tags as people and Home Assistant write them, and the codes Whisper has for them."""

from collections.abc import Collection

AUTO = "auto"

# The regional forms of Home Assistant's and CLDR's most spoken languages; Whisper has one
# code for all of them, and Home Assistant refuses a pipeline whose form is not listed.
_REGIONS = {
    "pt": ("BR", "PT"),
    "en": ("US", "GB", "AU", "CA", "IE", "IN", "NZ", "ZA"),
    "es": ("ES", "419", "AR", "CL", "CO", "MX", "US"),
    "ar": ("SA", "EG", "JO"),
    "bn": ("BD", "IN"),
    "ca": ("ES",),
    "cs": ("CZ",),
    "da": ("DK",),
    "de": ("DE", "AT", "CH"),
    "el": ("GR",),
    "fa": ("IR",),
    "fi": ("FI",),
    "fr": ("FR", "BE", "CA", "CH"),
    "he": ("IL",),
    "hi": ("IN",),
    "hu": ("HU",),
    "id": ("ID",),
    "it": ("IT", "CH"),
    "ja": ("JP",),
    "ko": ("KR",),
    "nl": ("NL", "BE"),
    "no": ("NO",),
    "pl": ("PL",),
    "ro": ("RO",),
    "ru": ("RU",),
    "sk": ("SK",),
    "sv": ("SE", "FI"),
    "th": ("TH",),
    "tr": ("TR",),
    "uk": ("UA",),
    "vi": ("VN",),
    "zh": ("CN", "HK", "TW"),
}

# Codes that Home Assistant or older standards use for a language Whisper calls otherwise.
_WHISPER_CODES = {"nb": "no", "iw": "he", "fil": "tl", "jv": "jw", "in": "id", "cmn": "zh"}

# What RFC 5646, section 4.4.1, asks of software to hold, and all that real tags need.
_MAX_TAG_CHARS = 35


def whisper_code(tag: str, codes: Collection[str]) -> str | None:
    """Return which of a model's codes a tag such as pt, pt-BR or PT_br means, None for none."""
    if len(tag) > _MAX_TAG_CHARS or not tag.isascii() or not tag.isprintable():
        return None
    family = tag.strip().lower().replace("_", "-").partition("-")[0]
    code = _WHISPER_CODES.get(family, family)
    return code if code in codes else None


def advertised(codes: Collection[str]) -> list[str]:
    """List a model's languages with their regional forms, Portuguese and English first."""
    first = [code for code in ("pt", "en") if code in codes]
    tags: list[str] = []
    for code in (*first, *sorted(set(codes) - set(first))):
        tags.append(code)
        tags += ["nb", "nb-NO"] if code == "no" else []  # Home Assistant's name for Norwegian
        tags += [f"{code}-{region}" for region in _REGIONS.get(code, ())]
    return tags
