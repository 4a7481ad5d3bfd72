"""The tables of the lexicon: rooms, devices and other words of names, in three languages.

Words stand as `words.fold` leaves them; `lexicon` makes their plurals. A row means one thing, and a
word in several rows may mean each of theirs.
"""

# Each row: concept | domains | device classes | Portuguese | English | Spanish.
DEVICES = """
LIGHT | light | | luz, lampada, iluminacao | light, bulb, lighting | luz, bombilla
TABLE_LAMP | light | | abajur, luz de cabeceira, candeeiro | lamp, table lamp, bedside lamp | \
velador
LUMINAIRE | light | | luminaria | lamp, light fixture | lampara
FLOOR_LAMP | light | | luminaria de piso, luminaria de chao, luminaria de pe | floor lamp, \
standing lamp, lamp | lampara de pie
CHANDELIER | light | | lustre, candelabro | chandelier | arana
PENDANT | light | | pendente | pendant, pendant light | colgante
SCONCE | light | | arandela | sconce, wall light | aplique
SPOT | light | | spot | spotlight, downlight | foco
LED_STRIP | light | | fita led, fita de led | led strip, light strip | tira led, tira de led
FLOODLIGHT | light | | refletor, holofote | floodlight | reflector
FAN | fan | | ventilador, circulador | fan | ventilador
CEILING_FAN | fan | | ventilador de teto | ceiling fan | ventilador de techo
EXTRACTOR | fan, switch | | exaustor | exhaust fan, extractor | extractor
COOKER_HOOD | fan | | coifa, depurador | range hood, cooker hood | campana extractora
AIR_CONDITIONER | climate | | ar condicionado, arcondicionado, ar, split | air conditioner, air \
conditioning, aircon, ac, air con | aire acondicionado, aire
HEATER | climate, switch | | aquecedor | heater, heating | calefactor, calefaccion
THERMOSTAT | climate | | termostato | thermostat | termostato
UNDERFLOOR_HEATING | climate, switch | | piso aquecido | underfloor heating, floor heating | \
suelo radiante
WATER_HEATER | water_heater, switch | | boiler, aquecedor de agua, aquecedor de passagem | \
boiler, water heater | calentador, calentador de agua
SHOWER | water_heater, switch, valve | | chuveiro, ducha | shower | ducha
CURTAIN | cover | curtain | cortina | curtain, drape | cortina
BLIND | cover | blind, shade | persiana | blind, shade | persiana, estor
SHUTTER | cover | shutter | veneziana | shutter, roller shutter | contraventana
AWNING | cover | awning | toldo | awning | toldo
WINDOW | cover, binary_sensor | window | janela | window | ventana
DOOR | cover, lock, binary_sensor | door | porta | door | puerta
GATE | cover | gate, garage | portao | gate | porton
GARAGE_DOOR | cover | garage | portao da garagem | garage door | puerta del garaje, puerta de \
garaje
LOCK | lock | | fechadura, tranca, trinco, cadeado | lock, door lock | cerradura
TV | media_player | tv | tv, televisao, televisor, teve, tele | tv, television, telly | tv, \
television, televisor, tele
SPEAKER | media_player | speaker | caixa de som, alto falante, caixinha de som | speaker, smart \
speaker | altavoz, parlante
STEREO | media_player | receiver, speaker | som, aparelho de som, receiver | stereo, sound \
system, receiver | equipo de sonido
SOUNDBAR | media_player | speaker | soundbar, barra de som | soundbar, sound bar | barra de \
sonido
PROJECTOR | media_player, switch | tv | projetor | projector | proyector
SOCKET | switch | outlet | tomada, plugue | socket, outlet, plug | enchufe, tomacorriente
WALL_SWITCH | switch | switch | interruptor | switch, wall switch | interruptor
COFFEE_MAKER | switch | | cafeteira, maquina de cafe | coffee maker, coffee machine | cafetera
KETTLE | switch | | chaleira | kettle | hervidor
FRIDGE | switch, sensor, binary_sensor | | geladeira, refrigerador, frigorifico | fridge, \
refrigerator | nevera, heladera, refrigerador
FREEZER | switch, sensor | | freezer, congelador | freezer | congelador
OVEN | switch, sensor | | forno | oven | horno
MICROWAVE | switch | | micro ondas, microondas | microwave | microondas
STOVE | switch | | fogao, cooktop | stove, cooktop, hob | cocina electrica
AIR_FRYER | switch | | air fryer, airfryer, fritadeira | air fryer | freidora
WASHER | switch, sensor, binary_sensor | | maquina de lavar, lavadora, lava roupas | washing \
machine, washer | lavadora, lavarropas
DRYER | switch, sensor, binary_sensor | | secadora, maquina de secar | dryer, tumble dryer | \
secadora
DISHWASHER | switch, sensor | | lava loucas, lavaloucas, maquina de lavar louca | dishwasher | \
lavavajillas
COMPUTER | switch | | computador, pc | computer, pc | ordenador, computadora
PRINTER | switch, sensor | | impressora | printer | impresora
ROUTER | switch, sensor | | roteador, modem | router, modem | router
CHARGER | switch | | carregador | charger | cargador
VACUUM | vacuum | | aspirador, robo aspirador, aspirador de po, robo, aspirador robo | vacuum, \
vacuum cleaner, robot vacuum, robot, hoover | aspiradora, robot aspirador
MOWER | lawn_mower | | cortador de grama, robo cortador | lawn mower, mower | cortacesped
HUMIDIFIER | humidifier | humidifier | umidificador, humidificador | humidifier | humidificador
DEHUMIDIFIER | humidifier | dehumidifier | desumidificador | dehumidifier | deshumidificador
PURIFIER | fan | | purificador, purificador de ar | air purifier, purifier | purificador
PUMP | switch, valve | | bomba | pump | bomba
IRRIGATION | valve, switch | water | irrigacao, aspersor, rega | irrigation, sprinkler | riego, \
aspersor
VALVE | valve | | valvula, registro | valve, shutoff valve | valvula
FOUNTAIN | switch | | fonte | fountain | fuente
ALARM | alarm_control_panel | | alarme, central de alarme | alarm, alarm system, alarm panel | \
alarma
SIREN | siren, switch | | sirene | siren | sirena
DOORBELL | binary_sensor, event, button | | campainha, interfone | doorbell, intercom | timbre
CAMERA | camera | | camera | camera | camara
TEMPERATURE | sensor | temperature | temperatura, sensor de temperatura, quantos graus | \
temperature, temperature sensor, how hot, how cold, how warm | temperatura, cuantos grados
HUMIDITY | sensor | humidity | umidade, humidade, sensor de umidade | humidity, humidity sensor \
| humedad
MOTION | binary_sensor | motion | movimento, sensor de movimento | motion, motion sensor, \
movement | movimiento
PRESENCE | binary_sensor | occupancy, presence, motion | presenca, ocupacao, sensor de presenca \
| presence, occupancy | presencia
SMOKE | binary_sensor | smoke | fumaca, detector de fumaca, sensor de fumaca | smoke, smoke \
detector | humo
GAS | binary_sensor, sensor | gas, carbon_monoxide | gas | gas | gas
LEAK | binary_sensor | moisture | vazamento, alagamento, sensor de vazamento | leak, water leak, \
leak sensor | fuga, fuga de agua
BATTERY | sensor, binary_sensor | battery | bateria, pilha | battery | bateria
ENERGY | sensor | energy | energia, consumo, consumo de energia | energy, consumption, energy \
consumption | energia, consumo
POWER | sensor | power | potencia | power | potencia
ILLUMINANCE | sensor | illuminance | luminosidade, claridade | brightness level, illuminance | \
luminosidad
CO2 | sensor | carbon_dioxide | co2, gas carbonico | co2, carbon dioxide | co2
PRESSURE | sensor | pressure, atmospheric_pressure | pressao | pressure | presion
AIR_QUALITY | sensor | aqi, pm25, volatile_organic_compounds | qualidade do ar | air quality | \
calidad del aire
SENSOR | sensor, binary_sensor | | sensor, detector | sensor, detector | sensor, detector
SCENE | scene | | cena, cenario, ambiente | scene, mood | escena
SCRIPT | script | | script, rotina | script, routine | rutina
LIST | todo | | lista, lista de tarefas, tarefas | list, to do list, todo list | lista
SHOPPING_LIST | todo | | lista de compras, compras, lista do mercado | shopping list, grocery \
list | lista de la compra, lista de compras
WEATHER | weather | | tempo, clima, previsao, previsao do tempo | weather, forecast | clima, \
pronostico
"""

ROOMS = """
LIVING_ROOM | sala, sala de estar, living | living room, lounge, sitting room | sala, salon, \
sala de estar
DINING_ROOM | sala de jantar | dining room | comedor
TV_ROOM | sala de tv, sala de televisao | tv room | sala de tv, cuarto de tele
HOME_THEATER | home theater, cinema | home theater, home theatre, cinema, movie, movie room | \
cine
FAMILY_ROOM | sala intima | family room | sala familiar
KITCHEN | cozinha | kitchen | cocina
BREAKFAST_ROOM | copa | breakfast room, breakfast nook | antecomedor
PANTRY | despensa | pantry, larder | despensa
BEDROOM | quarto, dormitorio | bedroom, room | habitacion, dormitorio, cuarto
MASTER_BEDROOM | quarto de casal, quarto do casal, quarto principal | master bedroom, main \
bedroom | habitacion principal, dormitorio principal
SUITE | suite, suite master, suite principal | suite, master suite, master bedroom, main bedroom \
| suite
GUEST_ROOM | quarto de hospedes, quarto de visitas | guest room, guest bedroom, spare room | \
cuarto de invitados, habitacion de invitados
KIDS_ROOM | quarto das criancas, quarto infantil, quarto dos filhos, quarto dos meninos | kids \
room, childrens room, children room, kids bedroom, childrens bedroom, children bedroom | cuarto \
de los ninos, habitacion de los ninos
NURSERY | quarto do bebe | nursery, baby room, babys room, baby bedroom | cuarto del bebe, \
habitacion del bebe
PLAYROOM | brinquedoteca, sala de jogos | playroom, game room, games room | sala de juegos
BATHROOM | banheiro, casa de banho | bathroom | bano, cuarto de bano
SOCIAL_BATHROOM | banheiro social | main bathroom, family bathroom | bano principal
MASTER_BATHROOM | banheiro da suite, banheiro do casal | master bathroom, ensuite, ensuite \
bathroom | bano de la suite
TOILET | lavabo | powder room, half bath, toilet | aseo, toilette
CORRIDOR | corredor | corridor, hallway | pasillo
HALL | hall, hall de entrada | hall, hallway, entrance hall, foyer, entryway | recibidor
ENTRANCE | entrada | entrance, entry, entryway | entrada
STAIRS | escada | stairs, staircase, stairway | escalera
GARAGE | garagem | garage, carport | garaje, cochera
LAUNDRY | lavanderia, area de servico | laundry, laundry room, utility room | lavadero, \
lavanderia
VERANDA | varanda, alpendre | porch, veranda, balcony | porche
BALCONY | sacada | balcony | balcon
TERRACE | terraco | terrace, rooftop | terraza
BACKYARD | quintal | backyard, yard, back yard | patio trasero
PATIO | patio | patio, courtyard | patio
GARDEN | jardim | garden | jardin
POOL | piscina | pool, swimming pool | piscina, alberca
BARBECUE | churrasqueira | barbecue, bbq, grill | barbacoa, asador
GOURMET | area gourmet, espaco gourmet, varanda gourmet | gourmet area, outdoor kitchen | area \
gourmet
OFFICE | escritorio, home office, gabinete | office, home office, study | despacho
LIBRARY | biblioteca | library | biblioteca
ATTIC | sotao | attic, loft | atico, desvan
BASEMENT | porao, subsolo | basement, cellar | sotano
CLOSET | closet, guarda roupa | closet, wardrobe, dressing room | vestidor, armario
GYM | academia, sala de ginastica | gym | gimnasio
WINE_CELLAR | adega | wine cellar | bodega
WORKSHOP | oficina | workshop | taller
STORAGE | deposito, quartinho | storage, storage room, store room | trastero
SHED | edicula, casinha | shed, outbuilding | cobertizo
SAUNA | sauna | sauna | sauna
PARTY_ROOM | salao, salao de festas | party room, ballroom | salon de fiestas
KENNEL | canil, casinha do cachorro | kennel, doghouse | perrera
GATEHOUSE | portaria, guarita | gatehouse, lobby | porteria
GROUND_FLOOR | terreo, andar de baixo, piso terreo | ground floor, downstairs | planta baja
FIRST_FLOOR | primeiro andar, andar de cima, piso superior, 1o andar, 1 andar, primeiro piso, \
andar superior | first floor, upstairs, upper floor, second storey | primer piso, planta alta
SECOND_FLOOR | segundo andar, 2o andar, 2 andar, segundo piso | second floor | segundo piso
"""

# Other words of names: positions, furniture, what a scene is for, numbers.
MODIFIERS = """
MAIN | principal | main | principal
SOCIAL | social | social, front | social
UPPER | superior, de cima | upper, upstairs | superior
LOWER | inferior, de baixo | lower, downstairs | inferior
KIDS | crianca, criancas, filhos | kids, kid, child, children, childrens | ninos
BABY | bebe | baby, babys | bebe
GUESTS | hospedes, visitas | guest, guests | invitados
COUPLE | casal | couple | pareja
CEILING | teto | ceiling | techo
WALL | parede | wall | pared
TABLE | mesa | table | mesa
DESK | escrivaninha, mesa de trabalho | desk | mesa de trabajo
BED | cama | bed | cama
BEDSIDE | cabeceira, criado mudo | bedside, nightstand | mesita de noche
COUNTER | bancada, balcao | counter, countertop | encimera
ISLAND | ilha | island | isla
SHELF | estante, prateleira | shelf, bookshelf | estante
MIRROR | espelho | mirror | espejo
SINK | pia | sink | fregadero
SOFA | sofa | sofa, couch | sofa
FRONT | frente, frontal, da frente | front | frente, delantero
BACK | fundos, traseiro, traseira, fundo | back, rear | fondo, trasero, trasera
LEFT | esquerda, esquerdo | left | izquierda, izquierdo
RIGHT | direita, direito | right | derecha, derecho
OUTDOOR | externo, externa, exterior, lado de fora, la fora | outdoor, outside, exterior, \
external | exterior
INDOOR | interno, interna, interior | indoor, inside, internal | interior
READING | leitura | reading | lectura
NIGHT | noturna, noite | night | noche
GOOD_NIGHT | boa noite | good night, goodnight, bedtime | buenas noches
GOOD_MORNING | bom dia | good morning | buenos dias
MOVIE | filme, modo cinema, modo filme | movie, movie mode, movie night, movie time | pelicula
PARTY | festa | party | fiesta
DINNER | jantar | dinner | cenar
CHRISTMAS | natal | christmas | navidad
TREE | arvore | tree | arbol
AQUARIUM | aquario | aquarium, fish tank | acuario
WATER | agua | water | agua
LEAVE_HOME | sair de casa, saindo de casa | leave home, leaving home | salir de casa
ARRIVE_HOME | chegar em casa, cheguei em casa, chegando em casa | arrive home, arriving home, \
coming home, welcome home | llegar a casa
1 | um, uma, primeiro, primeira | one, first | uno, primero, primera
2 | dois, duas, segundo, segunda | two, second | dos, segundo, segunda
3 | tres, terceiro, terceira | three, third | tres, tercero, tercera
4 | quatro | four, fourth | cuatro
5 | cinco | five, fifth | cinco
6 | seis | six | seis
7 | sete | seven | siete
8 | oito | eight | ocho
9 | nove | nine | nueve
10 | dez | ten | diez
"""

# Words that are no misspellings of those above, although one letter makes the difference.
OTHER_WORDS = """
ala ana anil anna aorta back bala band bank barraca bell bill blend block boca bode boi bola bolsa
bom boom boot bota botao broom calma camara camera camp can cana canal canela canta cantil capa
capela card carro cart casa casada cauda cega ceia cela cera chair chama cheia cidade clara clock
coat coca cock cola conta copo cor cora corda corn corno corta cortica cota couro cruz cuba dama
damp data date dia dock dom door escala escola espada espera estada fair fala fama farm farto
fauna feto fight fila filha fita flight floor foca fogo folha food foot forte funil furo gala gama
garra gas gato gear gelo goat gold gota hail hair hat hole hook horta ilhas jantares junta lado
lago lake lama lamb lane lar late leak leito lenha line linha link lock loja lona look lua luck
lula lupa luta luva lux luxo mala mall man mancha manta map mar mare massa meia mel mesmo mola
monte moon moor morno morta muro neto nome ontem padaria pala pan panela pao para park pata peca
pen pena pera pipe plan pole pomada ponta ponte poor porco port porto posta pot prado praia prata
quadro quarta quatro quinta ramp rampa reto rock roda roof root rope rosa rota roupa rua saca saia
sal salada salt sapo sela selo ship sight sino sock sol sola sopa sorte sound spa spoil spoon stop
suco table tala tampa tape teia tela tempo tia time toada todo tolo tom tool torno torre torta
track tram tray tree trem tub tubo vaca vala van vara vaso vela vento via vizinha wagon wheel wind
wing wood yarn zona zoom
"""
