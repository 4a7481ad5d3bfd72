"""Asking the agent, by voice, to forget what was said."""

import re
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_forget_request(text: str, language: Language) -> bool:
    """Return True when the whole utterance asks for nothing but to forget the conversation."""
    return _REQUESTS[language].fullmatch(fold(text)) is not None


def forgotten_sentence(language: Language) -> str:
    """Say that the conversation is forgotten."""
    return _SENTENCES[language]


def _requests(polite: str, phrases: Iterable[str]) -> re.Pattern[str]:
    """Compile whole utterances, called by name and politely or not."""
    name = r"(?:(?:oi|ei|ok|hey|hi|oye) )?(?:jonh|john|jon)"
    courtesy = rf"(?: (?:{polite}|{name}))*"
    return re.compile(rf"(?:{name} )?(?:(?:{polite}) )*(?:{'|'.join(phrases)}){courtesy}")


# "Apaga tudo" and "clear everything" are not here: they may mean lights, or a list. Nor is a
# bare "esquece" or "forget it", which takes back the last request only.
_PT = _requests(
    "por favor|agora|ai|entao|ta|ok|obrigado|obrigada|pode|quero|vamos",
    (
        r"(?:esquece|esqueca|esquecer) tudo(?: mesmo)?",
        r"(?:esquece|esqueca|esquecer|apaga|apague|apagar|limpa|limpe|limpar) tudo (?:isso )?"
        r"(?:o )?que (?:a gente |nos |eu |voce )?(?:ja )?(?:te )?"
        r"(?:conversamos|conversou|falamos|falou|falei|disse|dissemos|foi dito)"
        r"(?: ate agora| ate aqui| hoje| antes)?",
        r"(?:esquece|esqueca|esquecer|apaga|apague|apagar|limpa|limpe|limpar|zera|zere|zerar|"
        r"reinicia|reinicie|reiniciar|reseta|resete|resetar|exclui|exclua|excluir|deleta|delete)"
        r" (?:toda )?(?:a |as |o |essa |esta |esse |este |nossa |nossas |a nossa |as nossas |"
        r"sua |a sua |tua |a tua )?"
        r"(?:conversas?|historico|memoria)"
        r"(?: da conversa| de conversas?| das conversas| toda| inteira| anterior)?",
        r"(?:(?:comeca|comece|comecar|inicia|inicie|iniciar|abre|abrir) )?(?:uma )?"
        r"(?:nova conversa|conversa nova|outra conversa)(?: do zero)?",
        r"(?:comeca|comece|comecar|comecamos|recomeca|recomece|recomecar)"
        r"(?: tudo| a conversa)? (?:de novo|do zero|outra vez|novamente)",
        r"(?:recomeca|recomece|recomecar) (?:a |essa |esta |nossa )?conversa",
    ),
)

_EN = _requests(
    "please|now|then|ok|okay|thanks|thank you|can you|could you|let s|lets|i want to",
    (
        r"forget (?:everything|it all|all of it|all of that|all that|all this)",
        r"forget (?:everything |all )?(?:that |what )?(?:we|i|you) (?:have |ve |just )?"
        r"(?:talked about|spoke about|discussed|said|told you)(?: so far| today| before)?",
        r"(?:forget|clear|delete|erase|reset|wipe|restart)(?: all)? (?:about )?"
        r"(?:the |our |this |my |your )?(?:whole |entire )?"
        r"(?:conversations?|chats?|chat history|conversation history|history|memory)",
        r"(?:start |begin |open )?(?:a |another )?(?:brand )?new (?:conversation|chat)",
        r"(?:start|begin) (?:all )?(?:over(?: again)?|afresh|fresh|from scratch)",
    ),
)

_ES = _requests(
    "por favor|ahora|entonces|vale|ok|gracias|puedes|quiero|vamos a",
    (
        r"(?:olvida|olvide|olvidar|olvidate de) todo",
        r"(?:olvida|olvide|olvidar|olvidate de|borra|borre|borrar) todo lo que "
        r"(?:te |hemos |he |has )?"
        r"(?:hablamos|hablado|conversamos|conversado|dijimos|dije|dicho)"
        r"(?: hasta ahora| hoy| antes)?",
        r"(?:olvida|olvide|olvidar|borra|borre|borrar|limpia|limpie|limpiar|elimina|elimine|"
        r"eliminar|reinicia|reinicie|reiniciar) (?:toda )?(?:la |las |el |esta |este |"
        r"nuestra |nuestras |tu )?(?:conversacion|conversaciones|historial|memoria|charla)"
        r"(?: de conversacion| de conversaciones| de la conversacion| entera)?",
        r"(?:(?:empieza|empezar|empecemos|inicia|iniciar|comienza|comenzar) )?(?:una )?"
        r"(?:nueva conversacion|conversacion nueva|otra conversacion)",
        r"(?:empieza|empezar|empecemos|comienza|comenzar|comencemos)"
        r" (?:de nuevo|de cero|desde cero|otra vez)",
        r"(?:vuelve|volver|volvamos) a empezar",
        r"borron y cuenta nueva",
    ),
)

_REQUESTS = {Language.PT_BR: _PT, Language.PT: _PT, Language.EN: _EN, Language.ES: _ES}

_SENTENCES = {
    Language.PT_BR: "Pronto, esqueci a nossa conversa.",
    Language.PT: "Pronto, esqueci a nossa conversa.",
    Language.EN: "Done, I forgot our conversation.",
    Language.ES: "Listo, olvidé nuestra conversación.",
}
