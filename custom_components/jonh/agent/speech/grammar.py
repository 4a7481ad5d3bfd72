"""Gender and number of the names of things, and the articles that go with them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.names.lexicon import is_known
from custom_components.jonh.agent.words import words

CACHED_NAMES = 4096
"""Names of a large home, in its language."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What articles and participles have to agree with."""

    is_feminine: bool = False
    is_plural: bool = False

    @property
    def ending(self) -> str:
        """What a participle ends in: "o", "a", "os", "as"."""
        return ("a" if self.is_feminine else "o") + ("s" if self.is_plural else "")


def is_feminine(name: str, language: Language) -> bool:
    """Return True when the head noun of a name is feminine; never in English."""
    return agreement(name, language).is_feminine


@lru_cache(CACHED_NAMES)
def agreement(name: str, language: Language, domain: str = "") -> Agreement:
    """Return gender and number of a name; `domain` decides where its words tell nothing."""
    head = head_noun(name)
    table = _FEMININE_ES if language is Language.ES else _FEMININE_PT
    single = _singular(head)
    is_plural = single != head
    if single in table or single in _FEMININE_PLACES:
        return Agreement(is_feminine=True, is_plural=is_plural)
    if single in _MASCULINE:
        return Agreement(is_plural=is_plural)
    if _FEMININE_ENDINGS.search(single) and not _MASCULINE_ENDINGS.search(single):
        return Agreement(is_feminine=True, is_plural=is_plural)
    if single.endswith(_UNMARKED) and domain:
        return Agreement(is_feminine=domain in _FEMININE_DOMAINS, is_plural=is_plural)
    return Agreement(is_plural=is_plural)


def joint(agreements: list[Agreement]) -> Agreement:
    """Return the agreement of several things: feminine only when all of them are."""
    return Agreement(
        is_feminine=all(one.is_feminine for one in agreements),
        is_plural=len(agreements) > 1 or any(one.is_plural for one in agreements),
    )


@lru_cache(CACHED_NAMES)
def head_noun(name: str) -> str:
    """Return the folded noun that a name is about: "luz" of "Luz da sala" and of "Sala luz"."""
    said = words(name)
    if not said:
        return ""
    before = ""
    for word in said:
        if before not in _PREPOSITIONS and is_thing(word):
            return word
        before = word
    return next((word for word in said if word not in _DETERMINERS), said[0])


def is_thing(word: str) -> bool:
    """Return True for a folded word that names a device, in Portuguese or Spanish."""
    single = _singular(word)
    return single in _FEMININE_PT or single in _FEMININE_ES or single in _MASCULINE


def article(agrees: Agreement, language: Language) -> str:
    """Return the definite article: "a", "os", "la", "the"."""
    if language is Language.EN:
        return "the"
    if language is Language.ES:
        return {"o": "el", "a": "la", "os": "los", "as": "las"}[agrees.ending]
    return agrees.ending


def of(agrees: Agreement, language: Language) -> str:
    """Return "of the": "da", "dos", "de la", "of the"."""
    return _contracted("d", "de", agrees, language)


def within(agrees: Agreement, language: Language) -> str:
    """Return "in the" or "on the": "na", "nos", "en la", "on the"."""
    return _contracted("n", "en", agrees, language)


def _contracted(letter: str, preposition: str, agrees: Agreement, language: Language) -> str:
    the = article(agrees, language)
    if language is Language.EN:
        return f"{'of' if letter == 'd' else 'on'} {the}"
    if language is Language.ES:
        return "del" if (preposition, the) == ("de", "el") else f"{preposition} {the}"
    return letter + the


def inside_sentence(name: str) -> str:
    """Return a name as it stands within a sentence: "luz da sala", but "TV da sala"."""
    first, blank, rest = name.partition(" ")
    is_title = any(word[:1].isupper() and not word.isupper() for word in rest.split())
    if not first[:1].isupper() or not first[1:].islower() or is_title:
        return name
    return first.lower() + blank + rest if _is_common(first) else name


def _is_common(word: str) -> bool:
    return not _OWNER.search(word) and any(is_thing(part) or is_known(part) for part in words(word))


def _singular(word: str) -> str:
    """Return the singular of a Portuguese or Spanish noun, by its ending."""
    if word in _SINGULAR_ONLY:
        return word
    for plural, single in _PLURALS:
        if word.endswith(plural) and len(word) > len(plural) + 1:
            return word[: -len(plural)] + single
    return word


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OWNER = re.compile("['’]")
"""An apostrophe: "Ana's" is a name although "s" is known."""
_PLURALS = (
    ("oes", "ao"), ("ais", "al"), ("eis", "el"), ("ores", "or"), ("ares", "ar"), ("zes", "z"),
    ("ces", "z"), ("ones", "on"), ("ns", "m"), ("s", ""),
)  # fmt: skip
_SINGULAR_ONLY = frozenset({"onibus", "gas", "atras", "tres", "mais"})

_PREPOSITIONS = _set("de da do das dos d del em na no nas nos para com y e")
_DETERMINERS = _set("a o as os el la los las the meu minha meus minhas mi mis")

_FEMININE_PT = _set(
    "luz tv tele televisao lampada luminaria fita arandela cortina persiana porta janela "
    "fechadura tranca trava cafeteira tomada caixa cena bomba valvula torneira geladeira maquina "
    "lavadora secadora lareira campainha camera irrigacao cancela temperatura umidade bateria "
    "energia potencia tensao luminosidade velocidade chuva fumaca presenca estacao chave grade "
    "impressora panela chaleira fritadeira churrasqueira sirene automacao rotina lista banheira "
    "ducha hidro jacuzzi alexa fonte ventilacao iluminacao musica noite parede "
    "bancada mesa cama rede internet previsao qualidade pressao sombra ventoinha coifa adega "
    "balanca cascata cerca veneziana tela lanterna vela"
)
_FEMININE_ES = _set(
    "luz tele television lampara cortina persiana puerta ventana cerradura cafetera caja escena "
    "bomba valvula nevera maquina lavadora secadora chimenea camara "
    "temperatura humedad bateria energia toma aspiradora "
    "alarma tv bombilla tira regleta rutina estufa calefaccion"
)
_FEMININE_PLACES = _set("suite area garagem")
"""Places whose gender no ending tells; that of the rest it does."""
_MASCULINE = _set(
    "ar abajur portao ventilador led alarme aspirador interruptor som spot lustre "
    "pendente roteiro aquecedor umidificador chuveiro purificador plafon plafond refletor "
    "projetor radio receptor termostato sensor relogio robo trilho painel boiler forno fogao "
    "microondas exaustor desumidificador climatizador toldo teto computador "
    "monitor roteador servidor carregador carro nivel consumo movimento vazamento "
    "modo script botao dimmer rele filtro motor echo chromecast console video videogame "
    "aparelho dispositivo altavoz aire porton termo calefactor estor enchufe foco "
    "cesped cortador irrigador aspersor bebedouro alimentador tanque cofre trinco ferrolho sino "
    "volume brilho dia mapa sistema programa clima problema cinema"
)
"""Nouns of things that are masculine although they may not look so, in both languages."""

_FEMININE_ENDINGS = re.compile(r"(?:a|cao|sao|dade|dad|gem|cion|sion|ude|triz)$")
_MASCULINE_ENDINGS = re.compile(r"(?:ema|oma|grama)$")
_UNMARKED = tuple("eiuybcdghkptwxfvjq")
"""Endings that tell nothing of the gender, most of them of foreign words."""

_FEMININE_DOMAINS = frozenset({"light", "cover", "lock", "scene", "camera", "valve", "weather"})
"""Domains whose usual noun is feminine: luz, cortina, fechadura, cena, câmera, válvula."""
