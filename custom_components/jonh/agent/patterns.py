"""Regular expressions out of lists of words."""


def any_of(text: str) -> str:
    """Return a pattern for any of the alternatives in a text.

    Alternatives are separated by white space, so that tables of them can be wrapped; "_" is the
    blank between two words of one of them: "por_favor ei" becomes "(?:por favor|ei)".
    """
    return f"(?:{'|'.join(text.split()).replace('_', ' ')})"
