"""Spoken replies: natural, short, and they agree in gender and number."""

import pytest

from custom_components.jonh.agent.commands import Action, Command, Outcome, Value
from custom_components.jonh.agent.home import Area, Entity, Home
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.plain.values import parse_value
from custom_components.jonh.agent.speech.replies import done_reply, state_reply
from tests.jonh.agent.plain_homes import CASA, HOUSE, entity

PT, EN, ES = Language.PT_BR, Language.EN, Language.ES

LUGAR = Home(
    areas=(Area(id="salon", name="Salón"), Area(id="cocina", name="Cocina")),
    entities=(
        entity("light.salon", "Luz del salón", "salon"),
        entity("light.lampara", "Lámpara", "salon"),
        entity("light.cocina", "Luz", "cocina"),
        entity("light.bano", "Luz"),
        entity("light.isla", "Isla", "cocina"),
        entity("fan.salon", "Ventilador", "salon"),
        entity("cover.salon", "Persiana del salón", "salon", "blind"),
        entity("lock.puerta", "Puerta principal"),
        entity("climate.aire", "Aire acondicionado"),
        entity("media_player.tele", "Tele del salón", "salon", "tv"),
        entity("scene.cine", "Cine"),
        entity("script.noche", "Buenas noches"),
        entity("vacuum.robot", "Aspiradora"),
        entity("person.ana", "Ana"),
    ),
)
HOMES = {PT: CASA, Language.PT: CASA, EN: HOUSE, ES: LUGAR}


def tell(
    language: Language,
    action: str,
    entity_ids: str,
    value: str = "",
    *,
    is_wide: bool = False,
    failed: dict[str, str] | None = None,
) -> str:
    """Return the reply to a command on the named entities, some of which failed."""
    home = HOMES[language]
    targets = tuple(home.by_id[entity_id] for entity_id in entity_ids.split())
    command = Command(
        action=Action(action), targets=targets, value=parse_value(value), is_wide=is_wide
    )
    errors = failed or {}
    outcomes = [Outcome(entity=one, error=errors.get(one.entity_id)) for one in targets]
    return done_reply(command, outcomes, language, home)


@pytest.mark.parametrize(
    ("action", "entity_ids", "value", "expected"),
    [
        ("on", "light.sala", "", "Luz da sala ligada."),
        ("off", "light.sala", "", "Luz da sala desligada."),
        ("on", "light.abajur", "", "Abajur ligado."),
        ("off", "fan.quarto", "", "Ventilador do quarto desligado."),
        ("toggle", "light.sala", "", "Alternei a luz da sala."),
        ("on", "light.sala light.abajur", "", "Luz da sala e abajur ligados."),
        ("on", "light.sala light.quarto", "", "Luz da sala e luz do quarto ligadas."),
        ("open", "cover.sala", "", "Cortina da sala aberta."),
        ("close", "cover.garagem", "", "Portão da garagem fechado."),
        ("stop", "cover.quarto", "", "Persiana do quarto parada."),
        ("lock", "lock.frente", "", "Porta da frente trancada."),
        ("unlock", "lock.frente", "", "Porta da frente destrancada."),
        ("arm", "alarm_control_panel.casa", "", "Alarme armado."),
        ("disarm", "alarm_control_panel.casa", "", "Alarme desarmado."),
        ("set", "light.sala", "50%", "Luz da sala em 50 por cento."),
        ("set", "light.sala", "50", "Luz da sala em 50 por cento."),
        ("set", "light.abajur", "azul", "Abajur na cor azul."),
        ("set", "light.abajur", "branco quente", "Abajur em branco quente."),
        ("set", "climate.quarto", "22 graus", "Ar-condicionado em 22 graus."),
        ("set", "climate.quarto", "22,5", "Ar-condicionado em 22,5 graus."),
        ("set", "climate.quarto", "1", "Ar-condicionado em 1 grau."),
        ("set", "cover.sala", "metade", "Cortina da sala em 50 por cento."),
        ("set", "media_player.tv", "30", "Volume da TV da sala em 30 por cento."),
        ("set", "switch.cafeteira", "3", "Cafeteira em 3."),
        ("set", "light.sala", "", "Luz da sala."),
        ("on", "light.sala", "40%", "Luz da sala em 40 por cento."),
        ("open", "cover.sala", "30%", "Cortina da sala em 30 por cento."),
        ("set", "climate.quarto", "quente", "Ar-condicionado no modo quente."),
        ("set", "climate.quarto", "alta", "Ar-condicionado no modo alta."),
        ("increase", "media_player.tv", "", "Volume da TV da sala aumentado."),
        ("decrease", "light.sala", "", "Brilho da luz da sala diminuído."),
        ("increase", "climate.quarto", "", "Temperatura do ar-condicionado aumentada."),
        ("increase", "switch.cafeteira", "", "Cafeteira aumentada."),
        ("pause", "media_player.tv", "", "TV da sala pausada."),
        ("play", "media_player.tv", "", "Tocando na TV da sala."),
        ("next", "media_player.quarto", "", "Próxima faixa na caixa de som."),
        ("previous", "media_player.quarto", "", "Faixa anterior na caixa de som."),
        ("mute", "media_player.tv", "", "TV da sala sem som."),
        ("unmute", "media_player.tv", "", "TV da sala com som."),
        ("on", "scene.cinema", "", "Cena cinema ativada."),
        ("on", "scene.jantar", "", "Cena jantar ativada."),
        ("on", "script.boa_noite", "", "Rotina boa noite executada."),
        ("start", "vacuum.robo", "", "Robô aspirador iniciado."),
        ("on", "vacuum.robo", "", "Robô aspirador iniciado."),
        ("dock", "vacuum.robo", "", "Robô aspirador a caminho da base."),
    ],
)
def test_tells_in_portuguese(action: str, entity_ids: str, value: str, expected: str) -> None:
    """What was done is said in Portuguese, with participles that agree."""
    assert tell(PT, action, entity_ids, value) == expected
    assert tell(Language.PT, action, entity_ids, value) == expected


@pytest.mark.parametrize(
    ("action", "entity_ids", "value", "expected"),
    [
        ("on", "light.living", "", "Turned on the living room light."),
        ("off", "light.living light.lamp", "",
         "Turned off the living room light and the floor lamp."),
        ("open", "cover.garage", "", "Opened the garage door."),
        ("lock", "lock.front", "", "Locked the front door."),
        ("set", "light.lamp", "50%", "Set the floor lamp to 50 percent."),
        ("set", "light.lamp", "blue", "Set the floor lamp to blue."),
        ("set", "climate.home", "21.5", "Set the thermostat to 21.5 degrees."),
        ("set", "media_player.tv", "30", "Set the volume of the living room TV to 30 percent."),
        ("increase", "media_player.tv", "", "Turned up the volume of the living room TV."),
        ("on", "scene.movie", "", "Activated the movie scene."),
        ("on", "script.night", "", "Ran the good night script."),
        ("next", "media_player.speaker", "", "Next track on the kitchen speaker."),
        ("dock", "vacuum.robot", "", "Sent the vacuum to the dock."),
    ],
)  # fmt: skip
def test_tells_in_english(action: str, entity_ids: str, value: str, expected: str) -> None:
    """What was done is said in natural English."""
    assert tell(EN, action, entity_ids, value) == expected


@pytest.mark.parametrize(
    ("action", "entity_ids", "value", "expected"),
    [
        ("on", "light.salon", "", "Luz del salón encendida."),
        ("off", "fan.salon", "", "Ventilador apagado."),
        ("on", "light.lampara light.isla", "", "Lámpara e isla encendidas."),
        ("open", "cover.salon", "", "Persiana del salón abierta."),
        ("set", "light.salon", "50%", "Luz del salón en 50 por ciento."),
        ("set", "light.lampara", "rojo", "Lámpara en color rojo."),
        ("set", "climate.aire", "22 grados", "Aire acondicionado en 22 grados."),
        ("increase", "media_player.tele", "", "Volumen de la tele del salón aumentado."),
        ("on", "scene.cine", "", "Escena cine activada."),
        ("on", "script.noche", "", "Rutina buenas noches ejecutada."),
        ("dock", "vacuum.robot", "", "Aspiradora de vuelta a la base."),
        ("on", "light.cocina", "", "Luz de la cocina encendida."),
    ],
)
def test_tells_in_spanish(action: str, entity_ids: str, value: str, expected: str) -> None:
    """What was done is said in Spanish, with participles that agree."""
    assert tell(ES, action, entity_ids, value) == expected


@pytest.mark.parametrize(
    ("language", "action", "entity_ids", "expected"),
    [
        (PT, "off", "light.principal light.bancada", "Luzes da cozinha desligadas."),
        (PT, "on", "light.sala light.abajur light.quarto", "Liguei três luzes."),
        (PT, "on", "light.sala light.quarto", "Liguei duas luzes."),
        (PT, "off", "light.sala fan.quarto", "Desliguei dois aparelhos."),
        (PT, "off", "light.sala media_player.tv switch.tomada", "Aparelhos da sala desligados."),
        (PT, "close", "cover.sala", "Cortina da sala fechada."),
        (PT, "close", "cover.garagem cover.sala", "Fechei dois aparelhos."),
        (EN, "off", "light.counter light.ceiling", "Turned off the kitchen lights."),
        (EN, "on", "light.lamp light.ceiling light.bedroom", "Turned on three lights."),
        (ES, "off", "light.salon light.lampara", "Luces del salón apagadas."),
        (ES, "on", "light.salon light.cocina", "Encendí dos luces."),
    ],
)
def test_tells_of_kinds_and_places(
    language: Language, action: str, entity_ids: str, expected: str
) -> None:
    """What was found by kind and place is told so, not name by name."""
    assert tell(language, action, entity_ids, is_wide=True) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (PT, "Ajustei quatro luzes em 50 por cento."),
        (EN, "Set four lights to 50 percent."),
    ],
)
def test_tells_the_value_of_many(language: Language, expected: str) -> None:
    """A number of things is told with the value that they got."""
    lights = {
        PT: "light.sala light.abajur light.principal light.quarto",
        EN: "light.living light.lamp light.counter light.bedroom",
    }
    assert tell(language, "set", lights[language], "50%", is_wide=True) == expected


@pytest.mark.parametrize(
    ("language", "domain", "text", "expected"),
    [
        (PT, "climate", "modo seco", "Ar no modo seco."),
        (PT, "climate", "no modo automático", "Ar no modo automático."),
        (EN, "climate", "cool", "Set the ar to cool."),
        (ES, "climate", "modo seco", "Ar en modo seco."),
        (PT, "select", "para Econômico", "Ar em Econômico."),
    ],
)
def test_tells_values_that_are_texts(
    language: Language, domain: str, text: str, expected: str
) -> None:
    """A mode or an option is told as it was said."""
    thing = entity(f"{domain}.a", "Ar")
    command = Command(action=Action.SET, targets=(thing,), value=Value(text=text))
    told = done_reply(command, [Outcome(entity=thing)], language, Home(entities=(thing,)))
    assert told == expected


def test_counts_beyond_ten_are_digits() -> None:
    """Large numbers are told in digits."""
    many = tuple(entity(f"light.l{number}", f"Foco {number}") for number in range(12))
    command = Command(action=Action.ON, targets=many, is_wide=True)
    outcomes = [Outcome(entity=one) for one in many]
    assert done_reply(command, outcomes, PT, Home(entities=many)) == "Liguei 12 luzes."


@pytest.mark.parametrize(
    ("language", "entity_ids", "failed", "expected"),
    [
        (PT, "light.sala light.abajur", "light.abajur",
         "Luz da sala ligada, mas não consegui ligar o abajur: sem resposta."),
        (PT, "light.abajur", "light.abajur", "Não consegui ligar o abajur: sem resposta."),
        (PT, "light.sala light.abajur", "light.sala light.abajur",
         "Não consegui ligar a luz da sala e o abajur: sem resposta."),
        (PT, "light.sala light.abajur light.principal light.bancada light.quarto",
         "light.sala light.abajur light.principal light.bancada",
         "Luz do quarto ligada, mas não consegui ligar quatro luzes: sem resposta."),
        (EN, "light.living light.lamp", "light.lamp",
         "Turned on the living room light, but I could not turn on the floor lamp: sem resposta."),
        (EN, "light.lamp", "light.lamp", "I could not turn on the floor lamp: sem resposta."),
        (ES, "light.salon fan.salon", "fan.salon",
         "Luz del salón encendida, pero no pude encender el ventilador: sem resposta."),
    ],
)  # fmt: skip
def test_owns_up_to_failures(
    language: Language, entity_ids: str, failed: str, expected: str
) -> None:
    """What did not work is said with its reason, beside what did."""
    errors = dict.fromkeys(failed.split(), "sem resposta")
    assert tell(language, "on", entity_ids, failed=errors) == expected


def test_reasons_are_told_apart() -> None:
    """Two things that failed for different reasons are told one after the other."""
    errors = {"light.sala": "sem resposta", "light.abajur": "não encontrado."}
    assert tell(PT, "off", "light.sala light.abajur", failed=errors) == (
        "Não consegui desligar a luz da sala: sem resposta; "
        "não consegui desligar o abajur: não encontrado."
    )


def test_failed_groups_keep_their_place() -> None:
    """When all lights of a room failed, the room is told."""
    errors = dict.fromkeys(("light.principal", "light.bancada"), "sem resposta")
    told = tell(PT, "on", "light.principal light.bancada", is_wide=True, failed=errors)
    assert told == "Não consegui ligar as luzes da cozinha: sem resposta."


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("mute", "Não consegui tirar o som da TV da sala: sem resposta."),
        ("next", "Não consegui avançar a faixa na TV da sala: sem resposta."),
        ("play", "Não consegui tocar na TV da sala: sem resposta."),
    ],
)
def test_failures_have_their_prepositions(action: str, expected: str) -> None:
    """What failed on or of a thing is said with the right preposition."""
    failed = {"media_player.tv": "sem resposta"}
    assert tell(PT, action, "media_player.tv", failed=failed) == expected


def test_many_failures_are_counted_without_article() -> None:
    """Of a number of things no article is said."""
    players = tuple(entity(f"media_player.p{n}", f"Som {n}") for n in range(4))
    command = Command(action=Action.MUTE, targets=players)
    outcomes = [Outcome(entity=one, error="sem resposta") for one in players]
    told = done_reply(command, outcomes, PT, Home(entities=players))
    assert told == "Não consegui tirar o som de quatro aparelhos: sem resposta."


def test_nothing_happened() -> None:
    """A command without outcomes changed nothing, and that is said."""
    assert tell(PT, "on", "") == "Nada mudou."


def test_shared_names_are_told_with_their_area() -> None:
    """Where two things have one name, the area tells which."""
    home = Home(
        areas=(Area(id="a", name="Quarto"), Area(id="b", name="Living room")),
        entities=(entity("light.a", "Luz", "a"), entity("light.b", "Luz", "b")),
    )
    command = Command(action=Action.ON, targets=home.entities[:1])
    outcomes = [Outcome(entity=home.entities[0])]
    assert done_reply(command, outcomes, PT, home) == "Luz do quarto ligada."
    command = Command(action=Action.ON, targets=home.entities[1:])
    outcomes = [Outcome(entity=home.entities[1])]
    assert done_reply(command, outcomes, EN, home) == "Turned on the living room luz."


def test_scenes_with_a_title_keep_their_capitals() -> None:
    """A name with several capitals is a title."""
    scene = entity("scene.natal", "Noite de Natal")
    command = Command(action=Action.ON, targets=(scene,))
    told = done_reply(command, [Outcome(entity=scene)], PT, Home(entities=(scene,)))
    assert told == "Cena Noite de Natal ativada."


def test_owners_have_no_article_in_english() -> None:
    """A name that begins with its owner takes no article."""
    lamp = entity("light.a", "Ana's lamp")
    command = Command(action=Action.OFF, targets=(lamp,))
    told = done_reply(command, [Outcome(entity=lamp)], EN, Home(entities=(lamp,)))
    assert told == "Turned off Ana's lamp."


@pytest.mark.parametrize(
    ("language", "asked", "words", "expected"),
    [
        (PT, entity("light.a", "Luz da sala"), "ligada", "A luz da sala está ligada."),
        (PT, entity("light.a", "Luz da sala"), "ligada, 50 %",
         "A luz da sala está ligada, em 50 por cento."),
        (PT, entity("light.a", "Luzes da sala"), "ligadas", "As luzes da sala estão ligadas."),
        (PT, entity("sensor.a", "Temperatura da sala"), "23,5 °C",
         "A temperatura da sala é 23,5 graus."),
        (PT, entity("sensor.a", "Temperatura externa"), "-1 °C",
         "A temperatura externa é -1 grau."),
        (PT, entity("sensor.a", "Sensor da sala"), "1 °C", "O sensor da sala marca 1 grau."),
        (PT, entity("sensor.a", "Umidade da sala"), "61 %", "A umidade da sala é 61 por cento."),
        (PT, entity("sensor.a", "Temperatura da sala"), "sem resposta",
         "A temperatura da sala está sem resposta."),
        (PT, entity("climate.a", "Ar-condicionado"), "refrigerando, alvo 22 °, agora 24 °",
         "O ar-condicionado está refrigerando, alvo 22 graus, agora 24 graus."),
        (PT, entity("cover.a", "Cortina"), "aberta, 30 %",
         "A cortina está aberta, em 30 por cento."),
        (PT, entity("media_player.a", "TV"), "tocando, volume 30 %",
         "A TV está tocando, volume 30 por cento."),
        (PT, entity("binary_sensor.a", "Movimento da sala"), "nada detectado",
         "Movimento da sala: nada detectado."),
        (PT, entity("person.a", "Ana"), "em casa", "Ana está em casa."),
        (EN, entity("light.a", "Living room light"), "on, 50 %",
         "The living room light is on, at 50 percent."),
        (EN, entity("sensor.a", "Bedroom temperature"), "72 °F",
         "The bedroom temperature is 72 degrees Fahrenheit."),
        (EN, entity("sensor.a", "Bedroom sensor"), "21.5 °C",
         "The bedroom sensor reads 21.5 degrees."),
        (ES, entity("light.a", "Luz del salón"), "encendida", "La luz del salón está encendida."),
        (ES, entity("sensor.a", "Temperatura"), "21 °C", "La temperatura es 21 grados."),
    ],
)  # fmt: skip
def test_tells_states(language: Language, asked: Entity, words: str, expected: str) -> None:
    """A state is one sentence, with its article, its verb and its units spelled out."""
    assert state_reply(asked, words, language) == expected


def test_tells_the_state_of_a_shared_name_with_its_area() -> None:
    """Where the home is known, a shared name gets its area."""
    told = state_reply(LUGAR.by_id["light.cocina"], "encendida", ES, LUGAR)
    assert told == "La luz de la cocina está encendida."
