"""What is said when a turn fails before or after the agent, in the language of the pipeline."""

from enum import StrEnum

from .agent.languages import Language


class TurnError(StrEnum):
    """Why a turn failed: codes of Assist's pipelines, and what those do not know."""

    PIPELINE_NOT_FOUND = "pipeline-not-found"
    STT_MISSING = "stt-provider-missing"
    STT_UNSUPPORTED = "stt-provider-unsupported-metadata"
    STT_FAILED = "stt-stream-failed"
    NOTHING_HEARD = "stt-no-text-recognized"
    CLOUD_AUTH = "cloud-auth-failed"
    AGENT_NOT_SUPPORTED = "intent-not-supported"
    AGENT_NOT_FOUND = "intent-agent-not-found"
    AGENT_FAILED = "intent-failed"
    BUSY = "intent-busy"
    UNAUTHORIZED = "intent-unauthorized"
    TTS_UNSUPPORTED = "tts-not-supported"
    TTS_FAILED = "tts-failed"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> TurnError:
        """Take a code of a newer Home Assistant for a defect."""
        return cls.UNKNOWN


def failure_words(error: TurnError, language: Language) -> str:
    """Say what went wrong and, where somebody can do something, what."""
    return _WORDS[language][error]


_PT_BR = {
    TurnError.PIPELINE_NOT_FOUND: (
        "Não encontrei esse assistente de voz. Escolha outro na configuração."
    ),
    TurnError.STT_MISSING: (
        "Este assistente não tem reconhecimento de fala. Escolha um na configuração dele."
    ),
    TurnError.STT_UNSUPPORTED: "O reconhecimento de fala não conhece este idioma.",
    TurnError.STT_FAILED: (
        "Não consegui usar o reconhecimento de fala. Verifique se ele está ligado e na rede."
    ),
    TurnError.NOTHING_HEARD: "Não ouvi nada. Pode repetir?",
    TurnError.CLOUD_AUTH: "O Home Assistant Cloud recusou o acesso. Entre de novo na sua conta.",
    TurnError.AGENT_NOT_SUPPORTED: (
        "Não encontrei o agente de conversa. Escolha outro na configuração do assistente."
    ),
    TurnError.AGENT_NOT_FOUND: "O agente desta conversa não existe mais. Comece de novo.",
    TurnError.AGENT_FAILED: "O agente de conversa falhou. Veja o registro do Home Assistant.",
    TurnError.BUSY: "Ainda estou respondendo ao pedido anterior. Espere um instante.",
    TurnError.UNAUTHORIZED: "Esta conversa é de outra pessoa. Comece uma nova.",
    TurnError.TTS_UNSUPPORTED: "A voz escolhida não serve para este idioma. Escolha outra.",
    TurnError.TTS_FAILED: (
        "Não consegui usar a voz. Verifique se o servidor de voz está ligado e na rede."
    ),
    TurnError.TIMEOUT: "A resposta demorou demais. Tente de novo.",
    TurnError.UNKNOWN: "Algo deu errado aqui. Veja o registro do Home Assistant.",
}

_PT = _PT_BR | {
    TurnError.AGENT_FAILED: "O agente de conversa falhou. Veja o registo do Home Assistant.",
    TurnError.BUSY: "Ainda estou a responder ao pedido anterior. Espere um instante.",
    TurnError.STT_FAILED: (
        "Não consegui usar o reconhecimento de fala. Verifique se está ligado e na rede."
    ),
    TurnError.UNKNOWN: "Algo correu mal aqui. Veja o registo do Home Assistant.",
}

_EN = {
    TurnError.PIPELINE_NOT_FOUND: (
        "I could not find that voice assistant. Pick another one in the settings."
    ),
    TurnError.STT_MISSING: (
        "This assistant has no speech recognition. Pick one in the settings of the assistant."
    ),
    TurnError.STT_UNSUPPORTED: "The speech recognition does not know this language.",
    TurnError.STT_FAILED: (
        "I could not reach the speech recognition. Check that it is switched on and on the network."
    ),
    TurnError.NOTHING_HEARD: "I heard nothing. Can you say it again?",
    TurnError.CLOUD_AUTH: "Home Assistant Cloud refused the access. Sign in again.",
    TurnError.AGENT_NOT_SUPPORTED: (
        "I could not find the conversation agent. "
        "Pick another one in the settings of the assistant."
    ),
    TurnError.AGENT_NOT_FOUND: "The agent of this conversation is gone. Start again.",
    TurnError.AGENT_FAILED: "The conversation agent failed. See the Home Assistant log.",
    TurnError.BUSY: "I am still answering the last request. Wait a moment.",
    TurnError.UNAUTHORIZED: "This conversation is somebody else's. Start a new one.",
    TurnError.TTS_UNSUPPORTED: "The chosen voice cannot speak this language. Pick another one.",
    TurnError.TTS_FAILED: (
        "I could not reach the voice. "
        "Check that the voice server is switched on and on the network."
    ),
    TurnError.TIMEOUT: "The answer took too long. Try again.",
    TurnError.UNKNOWN: "Something went wrong here. See the Home Assistant log.",
}

_ES = {
    TurnError.PIPELINE_NOT_FOUND: "No encontré ese asistente de voz. Elige otro en los ajustes.",
    TurnError.STT_MISSING: (
        "Este asistente no tiene reconocimiento de voz. Elige uno en sus ajustes."
    ),
    TurnError.STT_UNSUPPORTED: "El reconocimiento de voz no conoce este idioma.",
    TurnError.STT_FAILED: (
        "No pude usar el reconocimiento de voz. Comprueba que esté encendido y en la red."
    ),
    TurnError.NOTHING_HEARD: "No oí nada. ¿Puedes repetirlo?",
    TurnError.CLOUD_AUTH: "Home Assistant Cloud rechazó el acceso. Vuelve a iniciar sesión.",
    TurnError.AGENT_NOT_SUPPORTED: (
        "No encontré el agente de conversación. Elige otro en los ajustes del asistente."
    ),
    TurnError.AGENT_NOT_FOUND: "El agente de esta conversación ya no existe. Empieza de nuevo.",
    TurnError.AGENT_FAILED: "El agente de conversación falló. Mira el registro de Home Assistant.",
    TurnError.BUSY: "Todavía estoy respondiendo a lo anterior. Espera un momento.",
    TurnError.UNAUTHORIZED: "Esta conversación es de otra persona. Empieza una nueva.",
    TurnError.TTS_UNSUPPORTED: "La voz elegida no habla este idioma. Elige otra.",
    TurnError.TTS_FAILED: (
        "No pude usar la voz. Comprueba que el servidor de voz esté encendido y en la red."
    ),
    TurnError.TIMEOUT: "La respuesta tardó demasiado. Inténtalo de nuevo.",
    TurnError.UNKNOWN: "Algo salió mal aquí. Mira el registro de Home Assistant.",
}

_WORDS = {
    Language.PT_BR: _PT_BR,
    Language.PT: _PT,
    Language.EN: _EN,
    Language.ES: _ES,
}
