"""What people say to a house: commands and free speech, in Portuguese and English.

Commands are drawn from patterns with a fixed seed, free speech was written down. Each list has a
half that the word tables of `stt/ending_words` may be tuned on and a half that they may not:
"held out".
"""

import random
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a sentence is for."""

    COMMAND = "command"
    FREE = "free speech"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One utterance, without its full stop."""

    text: str
    language: str
    kind: Kind
    is_held_out: bool


_SEED = 4
_COMMANDS_EACH = 120

_PT_SLOTS = {
    "on": "acenda|ligue|acende|liga",
    "off": "apague|desligue|apaga|desliga",
    "light": "a luz|as luzes|a lâmpada|o abajur",
    "room": "da sala|do quarto|da cozinha|do banheiro|da varanda|do escritório|do corredor",
    "device": "o ventilador|a televisão|o ar condicionado|o aspirador|a cafeteira",
    "cover": "a cortina|a persiana|o portão|a janela",
    "open": "abra|feche|abre|fecha",
    "percent": "vinte por cento|trinta por cento|cinquenta por cento|oitenta por cento",
    "degrees": "vinte graus|vinte e dois graus|vinte e quatro graus",
    "color": "azul|vermelho|verde|amarelo|branco quente",
    "minutes": "cinco minutos|dez minutos|meia hora|uma hora",
    "item": "leite|pão|café|sabão|arroz",
}
_PT_PATTERNS = (
    "{on} {light} {room}",
    "{off} {light} {room}",
    "{on} {device}",
    "{off} {device} {room}",
    "{open} {cover} {room}",
    "por favor {on} {light} {room}",
    "{off} tudo",
    "{off} todas as luzes {room}",
    "{off} {light} {room} e {off} {device}",
    "{on} {light} {room} e {open} {cover} {room}",
    "deixe {light} {room} em {percent}",
    "coloque o ar condicionado em {degrees}",
    "mude {light} {room} para {color}",
    "aumente a temperatura {room} para {degrees}",
    "aumente o volume da televisão",
    "qual a temperatura {room}",
    "a luz {room} está acesa",
    "a porta da frente está trancada",
    "tem alguma janela aberta",
    "tranque a porta da frente",
    "crie um temporizador de {minutes}",
    "me avise em {minutes}",
    "adicione {item} na lista de compras",
    "{off} {light} {room} em {minutes}",
    "ative a cena de cinema",
    "toque música {room}",
    "pare a música",
)
_EN_SLOTS = {
    "switch": "turn on|turn off|switch on|switch off",
    "light": "the light|the lights|the lamp|the ceiling light",
    "place": "living room|bedroom|kitchen|bathroom|hallway|office|garage",
    "device": "the fan|the television|the heater|the coffee machine|the vacuum",
    "cover": "the curtains|the blinds|the garage door|the window",
    "open": "open|close",
    "percent": "twenty percent|thirty percent|fifty percent|eighty percent",
    "degrees": "twenty degrees|twenty two degrees|sixty eight degrees",
    "color": "blue|red|green|warm white|purple",
    "minutes": "five minutes|ten minutes|half an hour|one hour",
    "item": "milk|bread|coffee|rice|soap",
}
_EN_PATTERNS = (
    "{switch} {light} in the {place}",
    "{switch} the {place} lights",
    "{switch} {device}",
    "{switch} {device} in the {place}",
    "{open} {cover} in the {place}",
    "please {switch} {light} in the {place}",
    "turn {light} off",
    "turn everything off",
    "{switch} the {place} lights and {switch} {device}",
    "{switch} {light} in the {place} and {open} {cover}",
    "set the {place} lights to {percent}",
    "set the thermostat to {degrees}",
    "change the {place} lights to {color}",
    "dim the {place} lights to {percent}",
    "turn up the volume on the television",
    "what is the temperature in the {place}",
    "is the {place} light on",
    "is the front door locked",
    "are any windows open",
    "lock the front door",
    "set a timer for {minutes}",
    "remind me in {minutes}",
    "add {item} to the shopping list",
    "{switch} the {place} lights in {minutes}",
    "activate the movie scene",
    "play some music in the {place}",
    "stop the music",
)

_PT_FREE = """
você sabe se vai chover amanhã de manhã
eu queria saber que horas fecha o mercado hoje
me conta uma piada sobre gatos
quanto tempo falta para o jantar ficar pronto
acho que esqueci a chave no carro
qual foi o resultado do jogo do Flamengo ontem
explica para mim como funciona um motor elétrico
preciso acordar às seis e meia amanhã
você pode repetir mais devagar por favor
quem inventou o telefone
hoje eu trabalhei muito e estou cansada
quantos quilômetros tem daqui até Santos
o que eu posso cozinhar com frango e batata
lembra de comprar ração para o cachorro
minha mãe vem nos visitar no domingo
como se diz obrigado em japonês
está muito quente aqui dentro
qual é a capital da Austrália
eu não entendi o que você falou
coloca uma música calma para eu dormir
quanto é quinze vezes doze
tem alguém na porta da frente
estou com frio e quero dormir
quando começa o horário de verão
me ajuda a escolher um filme para hoje à noite
o bebê acabou de dormir então fala baixo
qual a diferença entre o arroz branco e o integral
já passou o caminhão do lixo
avisa o João que o almoço está na mesa
por que o céu é azul
eu saio de casa às oito e volto às seis
quero ouvir as notícias do dia
quanto gastei de luz este mês
a máquina de lavar já terminou
diz para as crianças que está na hora do banho
qual o próximo feriado
preciso de uma receita de bolo de cenoura
alguém deixou a geladeira aberta
como está o trânsito para o centro
vou viajar na semana que vem e volto na sexta
me fala uma curiosidade sobre a lua
será que dá tempo de ir à praia
qual é o telefone da farmácia mais próxima
acho que a lâmpada do corredor queimou
eu gosto mais daquela outra voz
tem leite na lista de compras
boa noite até amanhã
liga para a minha irmã depois do almoço
o cachorro está latindo lá fora
você consegue me ouvir daqui
vamos jantar fora hoje
quanto custa um quilo de tomate
não precisa mais obrigado
fecha tudo porque vai chover
que dia cai o Natal este ano
estou procurando meus óculos
a televisão está muito alta
conta até dez bem devagar
qual remédio eu tomo agora
como foi o seu dia
"""
_EN_FREE = """
do you know if it will rain tomorrow morning
I would like to know when the pharmacy closes today
tell me a joke about cats
how long until dinner is ready
I think I left my keys in the car
who won the football game last night
explain to me how an electric motor works
I need to wake up at half past six tomorrow
could you say that again a bit slower please
who invented the telephone
I worked a lot today and I am tired
how many miles is it from here to Boston
what can I cook with chicken and potatoes
remember to buy food for the dog
my mother is visiting us on Sunday
how do you say thank you in Japanese
it is very hot in here
what is the capital of Australia
I did not understand what you said
play something calm so that I can sleep
what is fifteen times twelve
is there somebody at the front door
I am cold and I want to sleep
when does daylight saving time start
help me choose a movie for tonight
the baby just fell asleep so keep it down
what is the difference between white and brown rice
has the garbage truck been here yet
let John know that lunch is on the table
why is the sky blue
I leave at eight and come back at six
I want to hear the news of the day
how much did I spend on electricity this month
is the washing machine done
tell the kids that it is bath time
when is the next holiday
I need a recipe for carrot cake
somebody left the fridge open
how is the traffic to the city center
I am traveling next week and will be back on Friday
tell me something interesting about the moon
do we have time to go to the beach
what is the number of the nearest pharmacy
I think the bulb in the hallway is broken
I like the other voice better
is there milk on the shopping list
good night see you tomorrow
call my sister after lunch
the dog is barking outside
can you hear me from here
let us have dinner out tonight
how much does a pound of tomatoes cost
I do not need it any more thanks
close everything because it is going to rain
what day is Christmas this year
I am looking for my glasses
the television is too loud
count to ten very slowly
which medicine do I take now
how was your day
"""


def all_sentences() -> list[Sentence]:
    """Return every sentence, always the same ones."""
    return [
        *_commands(_PT_PATTERNS, _PT_SLOTS, "pt"),
        *_commands(_EN_PATTERNS, _EN_SLOTS, "en"),
        *_free(_PT_FREE, "pt"),
        *_free(_EN_FREE, "en"),
    ]


def _commands(patterns: tuple[str, ...], slots: dict[str, str], language: str) -> list[Sentence]:
    generator = random.Random(f"{_SEED} {language}")
    made: list[Sentence] = []
    for index in range(_COMMANDS_EACH):
        pattern = patterns[index % len(patterns)]
        while "{" in pattern:
            before, _, rest = pattern.partition("{")
            slot, _, after = rest.partition("}")
            pattern = before + generator.choice(slots[slot].split("|")) + after
        # Whole patterns are held out, not only other words in the same places.
        is_held_out = index % len(patterns) % 2 == 1
        made.append(Sentence(pattern, language, Kind.COMMAND, is_held_out))
    return made


def _free(lines: str, language: str) -> list[Sentence]:
    texts = lines.strip().splitlines()
    return [Sentence(text, language, Kind.FREE, at % 2 == 1) for at, text in enumerate(texts)]
