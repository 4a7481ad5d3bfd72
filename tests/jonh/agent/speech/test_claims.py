"""Claims of a deed are told from answers, offers, questions and plans."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.speech.claims import act_now, claims_done, not_done

CLAIMS = {
    Language.PT_BR: [
        "Pronto, luz acesa!",
        "Pronto.",
        "Pronto!",
        "Liguei a luz.",
        "Feito!",
        "Ok, desliguei a luz da cozinha.",
        "Certo, já apaguei tudo.",
        "Luz da sala acesa.",
        "Luzes da sala apagadas!",
        "A luz foi ligada.",
        "As luzes foram apagadas com sucesso.",
        "Acabei de fechar a cortina.",
        "Ligando a luz da sala.",
        "Claro, abrindo o portão...",
        "A luz da sala agora está acesa.",
        "Tudo certo, o portão foi aberto.",
        "Consegui ligar a luz.",
        "Coloquei o ar em 22,5 graus.",
        "Não encontrei a luz, mas liguei o abajur.",
        "Tudo bem. Apaguei a luz.",
        "Comando executado.",
        "Adicionei leite à lista.",
        "Timer de 5 minutos iniciado.",
        "O portão da garagem foi aberto",
        "Eu já tranquei a porta.",
        "Defini a temperatura para 22 graus.",
        "Sim, liguei.",
        "Ar-condicionado ligado em 22 graus.",
    ],
    Language.EN: [
        "Done, the light is on.",
        "Done.",
        "I've turned off the kitchen light.",
        "I turned on the light.",
        "Okay, turning off the lights.",
        "The light has been turned on.",
        "The light is now on.",
        "All set!",
        "I have locked the door.",
        "Sure, I just closed the blinds.",
        "The garage door was successfully opened.",
        "Turned on the living room light.",
        "Living room lights off.",
        "I couldn't find the lamp, but I turned on the light.",
        "Your timer has been set.",
        "The lights are now turned off.",
        "I added milk to the list.",
        "OK. I set the temperature to 21.5 degrees.",
    ],
    Language.ES: [
        "Listo, luz encendida.",
        "He encendido la luz.",
        "Encendí la luz.",
        "Hecho.",
        "Luz de la sala apagada.",
        "La luz ahora está encendida.",
        "Encendiendo la luz.",
        "La puerta ha sido cerrada.",
        "Ya apagué la luz.",
        "Ya está.",
    ],
}

NO_CLAIMS = {
    Language.PT_BR: [
        "A luz está acesa.",
        "A luz da sala está acesa e a da cozinha está apagada.",
        "Sim, a luz está acesa.",
        "Quer que eu ligue a luz da sala?",
        "Posso ligar a luz, se quiser.",
        "Vou ligar a luz.",
        "Não liguei a luz.",
        "Ainda não fiz isso.",
        "Não consegui ligar a luz.",
        "Liguei a luz?",
        "A temperatura é 22,5 graus.",
        "Estou pronto para ajudar.",
        "Pronto para ajudar!",
        "O café está pronto.",
        "A porta está trancada.",
        "Você ligou a luz às 18 horas.",
        "A automação acendeu a luz.",
        "A luz já está acesa.",
        "Não há luzes acesas.",
        "Há duas luzes acesas.",
        "Desculpe, não encontrei essa luz.",
        "A luz foi ligada ontem às 18 horas.",
        "Qual luz você quer acender?",
        "São três horas.",
        "Nenhuma luz ligada.",
        "O portão continua aberto.",
        "Se eu ligar a luz, vai gastar mais.",
        "A luz será ligada às 18 horas.",
        "A cortina está aberta em 50%.",
        "Para ligar a luz, diga o nome dela.",
        "Preciso saber qual luz ligar.",
        "O Brasil foi descoberto em 1500.",
        "A sala está com a luz acesa.",
        "Tem três luzes ligadas.",
        "A luz da sala está ligada desde as 18.",
    ],
    Language.EN: [
        "The light is on.",
        "Yes, the light is on.",
        "Do you want me to turn on the light?",
        "I can turn on the light if you want.",
        "I'll turn on the light.",
        "I will turn it on.",
        "I haven't turned on the light.",
        "I couldn't turn on the light.",
        "I did not do that.",
        "The temperature is 21.5 degrees.",
        "The door is locked.",
        "You turned off the light.",
        "Should I have turned it off?",
        "The light was on yesterday.",
        "There are two lights on.",
        "No lights are on.",
        "Which light should I turn on?",
        "The garage door is open.",
        "I can't do that.",
        "It was turned on at 6.",
        "The light is already on.",
        "I am ready to help.",
        "The living room lights are off.",
    ],
    Language.ES: [
        "La luz está encendida.",
        "¿Quieres que encienda la luz?",
        "Voy a encender la luz.",
        "No encendí la luz.",
        "Puedo encender la luz.",
        "La puerta está cerrada.",
        "Hay dos luces encendidas.",
        "La temperatura es de 22,5 grados.",
        "No pude encender la luz.",
        "La luz ya está encendida.",
    ],
}


def flat(table: dict[Language, list[str]]) -> list[tuple[str, Language]]:
    """Return one pair for each line of a table."""
    return [(text, language) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), flat(CLAIMS))
def test_claims(text: str, language: Language) -> None:
    """A model that says so says that something was done."""
    assert claims_done(text, language)


@pytest.mark.parametrize(("text", "language"), flat(NO_CLAIMS))
def test_no_claims(text: str, language: Language) -> None:
    """States, offers, questions, refusals and plans are no claims."""
    assert not claims_done(text, language)


@pytest.mark.parametrize("text", ["", "...", "\n\n"])
def test_nothing_is_claimed_by_nothing(text: str) -> None:
    """Without words nothing is claimed."""
    assert not claims_done(text, Language.PT_BR)


def test_portuguese_of_portugal() -> None:
    """Portugal claims as Brazil does."""
    assert claims_done("Acendi a luz.", Language.PT)


@pytest.mark.parametrize("language", Language)
def test_what_is_said_instead(language: Language) -> None:
    """The honest sentence claims nothing itself, and there is one for each language."""
    assert not claims_done(not_done(language), language)
    assert act_now(language)
    assert len({act_now(one) for one in Language}) == len(Language)
