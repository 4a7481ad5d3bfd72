"""Numbers below ten thousand in words, in Portuguese and English."""

_UNITS = {
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze "
    "dezesseis dezessete dezoito dezenove",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
}
_TENS = {
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
}
_HUNDREDS_PT = (
    "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos",
    "oitocentos", "novecentos",
)  # fmt: skip


def spell_number(number: int, language: str) -> str:
    """Write `number` (0 to 9999) in words; `language` is "pt" or "en"."""
    joint = " e " if language == "pt" else " "
    if number < 20:
        return _UNITS[language].split()[number]
    if number < 100:
        tens = _TENS[language].split()[number // 10 - 2]
        return _joined(tens, joint, number % 10, language)
    if number < 1000:
        return _spell_hundreds(number, language)
    if language == "pt":
        thousands = "mil" if number < 2000 else f"{spell_number(number // 1000, language)} mil"
        joint = " e " if number % 100 == 0 or number % 1000 < 100 else " "
    else:
        thousands = f"{spell_number(number // 1000, language)} thousand"
    return _joined(thousands, joint, number % 1000, language)


def _spell_hundreds(number: int, language: str) -> str:
    if language == "en":
        return _joined(f"{spell_number(number // 100, 'en')} hundred", " ", number % 100, "en")
    if number == 100:
        return "cem"
    return _joined(_HUNDREDS_PT[number // 100 - 1], " e ", number % 100, "pt")


def _joined(head: str, joint: str, rest: int, language: str) -> str:
    return f"{head}{joint}{spell_number(rest, language)}" if rest else head
