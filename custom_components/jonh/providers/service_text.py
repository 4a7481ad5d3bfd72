"""What a service says of an error, without anything that a person or their home may have said.

Services repeat what they were sent: the call that they could not read, the key that they do not
know. An error ends in the log, so only the words of errors themselves are taken over.
"""

import re

MAX_CHARS = 200
"""A proxy may answer with a whole web page."""
LEFT_OUT = "…"

_TOKEN = re.compile(r"\s+|\w+(?:\.\d+\w*)?|\S")
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?[A-Za-z]{0,3}")
"""Sizes, limits and times; a longer one may be somebody's."""
_SIGNS = frozenset("()[].,:;-/%<>='\"`")
_MANY = re.compile(rf"{LEFT_OUT}(?:[^\w]*{LEFT_OUT})+")
_OF_ERRORS = """
a aborted accept accepted access account after again all allocate allowed already an and any
api are argument arguments array as at authentication authorization available bad be because
been before body boolean broken buffer busy but by call calls can cancelled cannot capacity
character closed code completion connect connection content context could cpu cuda current day
decode decommissioned default denied deprecated did directory disabled disk does down due during
empty encode end eof error errors exceed exceeded exceeding exceeds exist exit exited expected
expired explicit failed failure fault few file first for forbidden format found free from
function gateway generate generation get gib gigabytes got gpu had has have headers hour http
id image in inference input insufficient integer interface internal into invalid is it json key
kib killed large last layer layers length less limit limited line llama load loaded loading
long looking longer malformed many maximum mb memory message messages method mib minute minutes
missing more model models must name network no not null number object of offloaded ollama on only
open operation option options or organization out output over overloaded parameter parameters
parse parsing path payload peer pending per permission please post process prompt properties
property provided proxy quota ram rate reached read reason received reduce refused remote
request requested requests require required requires reset resource resources response
retry role rpd rpm run runner running schema second seconds see segmentation server service
signal since size slow smaller something space start started state status stop stopped stream
string structure support supported supports system template temporarily terminated than that
the there this time timeout token tokens too tool tools tpd tpm try type unable unauthorized
unavailable unexpected unknown unmarshal unsupported upgrade upstream use used using validate
validation value values version vram wait was went while window with within without write wrong
you your
"""
_WORDS = frozenset(_OF_ERRORS.split())
"""What the errors of model services and of the proxies before them are made of."""


def service_text(text: str, *, model: str = "") -> str:
    """Return an error's text, words left out that errors are not made of; `model` may be named."""
    kept = [
        model if part and part == model else _without_others(part)
        for part in (re.split(f"({re.escape(model)})", text) if model else [text])
    ]
    return _MANY.sub(LEFT_OUT, "".join(kept)).strip()[:MAX_CHARS]


def _without_others(text: str) -> str:
    return "".join(
        token if _is_plain(token) else LEFT_OUT for token in _TOKEN.findall(text[: 10 * MAX_CHARS])
    )


def _is_plain(token: str) -> bool:
    return (
        token.isspace()
        or token in _SIGNS
        or token.casefold() in _WORDS
        or _NUMBER.fullmatch(token) is not None
    )
