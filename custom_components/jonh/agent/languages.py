"""Languages spoken by the agent, and its own sentences in each of them."""

from enum import StrEnum

from custom_components.jonh.providers.base import (
    AllFailedError,
    AnswerInterruptedError,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    ServiceError,
    StalledError,
    TooLargeError,
    ToolsUnsupportedError,
    UnreachableError,
)


class Language(StrEnum):
    """A language with sentences of our own."""

    PT_BR = "pt-BR"
    PT = "pt"
    EN = "en"
    ES = "es"


def language_of(tag: str) -> Language:
    """Supported language nearest to a tag such as "pt-BR", "en_US" or "fr"; English otherwise."""
    parts = tag.replace("_", "-").lower().split("-")
    if parts[:2] == ["pt", "br"]:
        return Language.PT_BR
    try:
        return Language(parts[0])
    except ValueError:
        return Language.EN


class Sentence(StrEnum):
    """A thing the agent says without a model."""

    UNREACHABLE = "unreachable"
    AUTH = "auth"
    MODEL_MISSING = "model_missing"
    TOOLS_UNSUPPORTED = "tools_unsupported"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    TOO_LARGE = "too_large"
    BAD_TOOL_CALL = "bad_tool_call"
    STALLED = "stalled"
    BROKEN = "broken"
    SERVICE = "service"
    BAD_REQUEST = "bad_request"
    INTERRUPTED = "interrupted"
    """Said after a part of the answer was spoken."""
    NO_PROVIDER = "no_provider"
    DONE = "done"
    """The tools worked and the model had nothing to add."""
    NO_ANSWER = "no_answer"
    """The model returned nothing at all."""
    TOO_MANY_ROUNDS = "too_many_rounds"
    UNKNOWN = "unknown"
    GOODBYE = "goodbye"
    """Said before a call ends in which nobody speaks any more."""
    SOUND_LOST = "sound_lost"
    """Speech came faster than it could be recognised, and some of it was dropped."""


_BY_ERROR: dict[type[ProviderError], Sentence] = {
    UnreachableError: Sentence.UNREACHABLE,
    AuthError: Sentence.AUTH,
    ModelMissingError: Sentence.MODEL_MISSING,
    ToolsUnsupportedError: Sentence.TOOLS_UNSUPPORTED,
    RateLimitedError: Sentence.RATE_LIMITED,
    BusyError: Sentence.BUSY,
    TooLargeError: Sentence.TOO_LARGE,
    BadToolCallError: Sentence.BAD_TOOL_CALL,
    StalledError: Sentence.STALLED,
    BrokenStreamError: Sentence.BROKEN,
    ServiceError: Sentence.SERVICE,
    BadRequestError: Sentence.BAD_REQUEST,
    AnswerInterruptedError: Sentence.INTERRUPTED,
}


def sentence(which: Sentence, language: Language, *, provider: str = "") -> str:
    """Return the sentence; `provider` is the service it speaks of."""
    table = _SENTENCES[language]
    return table[which].format(provider=provider or _NAMELESS[language])


def spoken_error(error: ProviderError, language: Language) -> str:
    """Say what went wrong and what to do; of several failures, the first provider's counts."""
    if isinstance(error, AllFailedError):
        if not error.failures:
            return sentence(Sentence.NO_PROVIDER, language)
        first = error.failures[0]
        return sentence(_sentence_of(first.error), language, provider=first.provider)
    provider = error.failure.provider if isinstance(error, AnswerInterruptedError) else ""
    return sentence(_sentence_of(error), language, provider=provider)


def _sentence_of(error: ProviderError) -> Sentence:
    """Return the sentence of an error, or that of the nearest kind above it."""
    kinds = (kind for kind in type(error).__mro__ if kind in _BY_ERROR)
    return next((_BY_ERROR[kind] for kind in kinds), Sentence.UNKNOWN)


_NAMELESS = {
    Language.PT_BR: "serviço de conversa",
    Language.PT: "serviço de conversa",
    Language.EN: "the conversation service",
    Language.ES: "servicio de conversación",
}

_PT_BR = {
    Sentence.UNREACHABLE: (
        "Não consegui falar com o {provider}. Verifique se ele está ligado e na rede."
    ),
    Sentence.AUTH: "O {provider} recusou a chave de acesso. Confira-a na configuração do Jonh.",
    Sentence.MODEL_MISSING: (
        "O {provider} não tem o modelo escolhido. Escolha outro na configuração do Jonh."
    ),
    Sentence.TOOLS_UNSUPPORTED: (
        "O modelo escolhido não sabe controlar a casa. Escolha outro na configuração do Jonh."
    ),
    Sentence.RATE_LIMITED: "O limite de uso do {provider} acabou por enquanto. Tente mais tarde.",
    Sentence.BUSY: "O {provider} está ocupado agora. Tente de novo daqui a pouco.",
    Sentence.TOO_LARGE: (
        "A conversa ficou grande demais para o {provider}. Exponha menos dispositivos ou troque o "
        "modelo."
    ),
    Sentence.BAD_TOOL_CALL: "Não consegui montar esse comando. Tente pedir de outro jeito.",
    Sentence.STALLED: "O {provider} demorou demais para responder. Tente de novo.",
    Sentence.BROKEN: "A resposta do {provider} foi cortada. Tente de novo.",
    Sentence.SERVICE: "O {provider} teve um erro interno. Tente de novo daqui a pouco.",
    Sentence.BAD_REQUEST: "O {provider} não aceitou o pedido. Confira a configuração do Jonh.",
    Sentence.INTERRUPTED: "Desculpe, a resposta foi interrompida.",
    Sentence.NO_PROVIDER: (
        "Ainda não tenho um modelo de conversa, só comandos locais. "
        "Configure o Ollama ou o Groq na integração Jonh."
    ),
    Sentence.DONE: "Pronto.",
    Sentence.NO_ANSWER: "O modelo não respondeu nada. Tente perguntar de outro jeito.",
    Sentence.TOO_MANY_ROUNDS: "Não consegui terminar esse pedido. Tente dividir em partes menores.",
    Sentence.UNKNOWN: "Algo deu errado aqui. Veja o registro do Home Assistant.",
    Sentence.GOODBYE: "Vou desligar por aqui. É só chamar quando precisar.",
    Sentence.SOUND_LOST: (
        "O reconhecimento de fala não acompanha. Uma parte do que foi dito se perdeu."
    ),
}

_PT = _PT_BR | {
    Sentence.UNREACHABLE: (
        "Não consegui falar com o {provider}. Verifique se está ligado e na rede."
    ),
    Sentence.RATE_LIMITED: (
        "O limite de utilização do {provider} acabou por agora. Tente mais tarde."
    ),
    Sentence.BUSY: "O {provider} está ocupado neste momento. Tente de novo daqui a pouco.",
    Sentence.BAD_TOOL_CALL: "Não consegui construir esse comando. Tente pedir de outra forma.",
    Sentence.NO_ANSWER: "O modelo não respondeu nada. Tente perguntar de outra forma.",
    Sentence.UNKNOWN: "Algo correu mal aqui. Veja o registo do Home Assistant.",
    Sentence.GOODBYE: "Vou desligar por agora. É só chamar quando precisar.",
    Sentence.SOUND_LOST: (
        "O reconhecimento de fala não acompanha. Perdeu-se uma parte do que foi dito."
    ),
}

_EN = {
    Sentence.UNREACHABLE: (
        "I could not reach {provider}. Check that it is switched on and on the network."
    ),
    Sentence.AUTH: "The access key was refused by {provider}. Check it in the Jonh settings.",
    Sentence.MODEL_MISSING: (
        "The chosen model is not available in {provider}. Pick another one in the Jonh settings."
    ),
    Sentence.TOOLS_UNSUPPORTED: (
        "The chosen model cannot control the home. Pick another one in the Jonh settings."
    ),
    Sentence.RATE_LIMITED: "The usage limit of {provider} is used up for now. Try again later.",
    Sentence.BUSY: "Right now {provider} is busy. Try again in a moment.",
    Sentence.TOO_LARGE: (
        "The conversation is too long for {provider}. Expose fewer devices or change the model."
    ),
    Sentence.BAD_TOOL_CALL: "I could not build that command. Try saying it another way.",
    Sentence.STALLED: "It took {provider} too long to answer. Try again.",
    Sentence.BROKEN: "The answer from {provider} was cut off. Try again.",
    Sentence.SERVICE: "An internal error happened in {provider}. Try again in a moment.",
    Sentence.BAD_REQUEST: "The request was not accepted by {provider}. Check the Jonh settings.",
    Sentence.INTERRUPTED: "Sorry, the answer was interrupted.",
    Sentence.NO_PROVIDER: (
        "I have no conversation model yet, only local commands. "
        "Set up Ollama or Groq in the Jonh integration."
    ),
    Sentence.DONE: "Done.",
    Sentence.NO_ANSWER: "The model gave no answer. Try asking another way.",
    Sentence.TOO_MANY_ROUNDS: "I could not finish that request. Try splitting it into parts.",
    Sentence.UNKNOWN: "Something went wrong here. See the Home Assistant log.",
    Sentence.GOODBYE: "I am hanging up now. Call me whenever you need me.",
    Sentence.SOUND_LOST: ("Speech recognition cannot keep up. A part of what was said is lost."),
}

_ES = {
    Sentence.UNREACHABLE: (
        "No pude comunicarme con {provider}. Comprueba que esté encendido y en la red."
    ),
    Sentence.AUTH: "La clave fue rechazada por {provider}. Revísala en los ajustes de Jonh.",
    Sentence.MODEL_MISSING: (
        "El modelo elegido no está en {provider}. Elige otro en los ajustes de Jonh."
    ),
    Sentence.TOOLS_UNSUPPORTED: (
        "El modelo elegido no sabe controlar la casa. Elige otro en los ajustes de Jonh."
    ),
    Sentence.RATE_LIMITED: (
        "El límite de uso de {provider} se agotó por ahora. Inténtalo más tarde."
    ),
    Sentence.BUSY: "Ahora mismo {provider} está ocupado. Inténtalo de nuevo en un momento.",
    Sentence.TOO_LARGE: (
        "La conversación es demasiado larga para {provider}. Expón menos dispositivos o cambia de "
        "modelo."
    ),
    Sentence.BAD_TOOL_CALL: "No pude preparar esa orden. Intenta pedirla de otra manera.",
    Sentence.STALLED: "La respuesta de {provider} tardó demasiado. Inténtalo de nuevo.",
    Sentence.BROKEN: "La respuesta de {provider} se cortó. Inténtalo de nuevo.",
    Sentence.SERVICE: "Hubo un error interno en {provider}. Inténtalo de nuevo en un momento.",
    Sentence.BAD_REQUEST: "La petición no fue aceptada por {provider}. Revisa los ajustes de Jonh.",
    Sentence.INTERRUPTED: "Perdón, la respuesta se interrumpió.",
    Sentence.NO_PROVIDER: (
        "Todavía no tengo un modelo de conversación, solo órdenes locales. "
        "Configura Ollama o Groq en la integración Jonh."
    ),
    Sentence.DONE: "Listo.",
    Sentence.NO_ANSWER: "El modelo no respondió nada. Intenta preguntar de otra manera.",
    Sentence.TOO_MANY_ROUNDS: "No pude terminar esa petición. Intenta dividirla en partes.",
    Sentence.UNKNOWN: "Algo salió mal aquí. Mira el registro de Home Assistant.",
    Sentence.GOODBYE: "Voy a colgar. Llámame cuando me necesites.",
    Sentence.SOUND_LOST: (
        "El reconocimiento de voz no da abasto. Se perdió una parte de lo que se dijo."
    ),
}

_SENTENCES = {
    Language.PT_BR: _PT_BR,
    Language.PT: _PT,
    Language.EN: _EN,
    Language.ES: _ES,
}
