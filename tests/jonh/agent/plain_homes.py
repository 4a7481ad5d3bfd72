"""Two small homes, one named in Portuguese and one in English, for plain commands."""

from custom_components.jonh.agent.home import Area, Entity, Floor, Home


def entity(
    entity_id: str, name: str, area_id: str | None = None, device_class: str | None = None
) -> Entity:
    """Return an entity without aliases."""
    return Entity(entity_id=entity_id, name=name, area_id=area_id, device_class=device_class)


CASA = Home(
    floors=(
        Floor(id="terreo", name="Térreo"),
        Floor(id="primeiro", name="Primeiro andar", aliases=("Andar de cima",)),
    ),
    areas=(
        Area(id="sala", name="Sala", floor_id="terreo"),
        Area(id="cozinha", name="Cozinha", floor_id="terreo"),
        Area(id="varanda", name="Varanda", floor_id="terreo"),
        Area(id="garagem", name="Garagem", floor_id="terreo"),
        Area(id="quarto", name="Quarto", floor_id="primeiro"),
        Area(id="suite", name="Suíte", floor_id="primeiro"),
        Area(id="jardim", name="Jardim"),
    ),
    entities=(
        entity("light.sala", "Luz da sala", "sala"),
        entity("light.abajur", "Abajur", "sala"),
        entity("light.principal", "Luz principal", "cozinha"),
        entity("light.bancada", "Luz da bancada", "cozinha"),
        entity("light.quarto", "Luz do quarto", "quarto"),
        entity("light.suite", "Luz", "suite"),
        entity("switch.varanda", "Luz da varanda", "varanda"),
        entity("switch.cafeteira", "Cafeteira", "cozinha"),
        entity("switch.tomada", "Tomada da árvore", "sala", "outlet"),
        entity("fan.quarto", "Ventilador do quarto", "quarto"),
        entity("climate.quarto", "Ar-condicionado", "quarto"),
        entity("climate.suite", "Ar da suíte", "suite"),
        entity("cover.sala", "Cortina da sala", "sala", "curtain"),
        entity("cover.quarto", "Persiana do quarto", "quarto", "blind"),
        entity("cover.garagem", "Portão da garagem", "garagem", "garage"),
        entity("lock.frente", "Porta da frente", "sala"),
        entity("media_player.tv", "TV da sala", "sala", "tv"),
        entity("media_player.quarto", "Caixa de som", "quarto", "speaker"),
        entity("alarm_control_panel.casa", "Alarme"),
        entity("vacuum.robo", "Robô aspirador", "sala"),
        entity("scene.cinema", "Cinema"),
        entity("scene.jantar", "Cena jantar", "cozinha"),
        entity("script.boa_noite", "Boa noite"),
        entity("sensor.temperatura", "Temperatura da sala", "sala", "temperature"),
        entity("sensor.umidade", "Umidade da sala", "sala", "humidity"),
        entity("binary_sensor.janela", "Janela do quarto", "quarto", "window"),
        entity("valve.jardim", "Irrigação", "jardim", "water"),
    ),
)
"""A Brazilian home."""

HOUSE = Home(
    floors=(Floor(id="ground", name="Ground floor"), Floor(id="upper", name="Upstairs")),
    areas=(
        Area(id="living", name="Living room", floor_id="ground"),
        Area(id="kitchen", name="Kitchen", floor_id="ground"),
        Area(id="garage", name="Garage", floor_id="ground"),
        Area(id="bedroom", name="Bedroom", floor_id="upper"),
    ),
    entities=(
        entity("light.living", "Living room light", "living"),
        entity("light.lamp", "Floor lamp", "living"),
        entity("light.counter", "Counter light", "kitchen"),
        entity("light.ceiling", "Ceiling light", "kitchen"),
        entity("light.bedroom", "Bedroom light", "bedroom"),
        entity("switch.coffee", "Coffee maker", "kitchen"),
        entity("fan.bedroom", "Bedroom fan", "bedroom"),
        entity("climate.home", "Thermostat", "living"),
        entity("cover.living", "Living room blinds", "living", "blind"),
        entity("cover.garage", "Garage door", "garage", "garage"),
        entity("lock.front", "Front door", "living"),
        entity("media_player.tv", "Living room TV", "living", "tv"),
        entity("media_player.speaker", "Kitchen speaker", "kitchen", "speaker"),
        entity("alarm_control_panel.home", "Alarm"),
        entity("vacuum.robot", "Vacuum", "living"),
        entity("scene.movie", "Movie"),
        entity("script.night", "Good night"),
        entity("sensor.temperature", "Bedroom temperature", "bedroom", "temperature"),
        entity("sensor.humidity", "Bedroom humidity", "bedroom", "humidity"),
    ),
)
"""An English-speaking home."""
