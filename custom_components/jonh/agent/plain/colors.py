"""Colours and whites as people name them, and as Home Assistant's lights take them."""

from custom_components.jonh.agent.languages import Language

_SHADES_PT = {
    "vermelho": "red", "vermelha": "red", "verde": "green", "azul": "blue",
    "amarelo": "yellow", "amarela": "yellow", "laranja": "orange", "roxo": "purple",
    "roxa": "purple", "lilás": "plum", "violeta": "violet", "rosa": "pink",
    "rosa choque": "hotpink", "rosa pink": "hotpink", "cor de rosa": "pink",
    "magenta": "magenta", "ciano": "cyan", "turquesa": "turquoise", "branco": "white",
    "branca": "white", "marrom": "brown", "castanho": "brown", "dourado": "gold",
    "dourada": "gold", "prata": "silver", "bege": "beige", "vinho": "maroon",
    "bordô": "maroon", "índigo": "indigo", "anil": "indigo", "salmão": "salmon",
    "coral": "coral", "lavanda": "lavender", "azul claro": "lightblue",
    "azul escuro": "darkblue", "azul marinho": "navy", "azul royal": "royalblue",
    "azul turquesa": "turquoise", "azul celeste": "skyblue", "azul bebê": "lightskyblue",
    "verde claro": "lightgreen", "verde escuro": "darkgreen", "verde limão": "lime",
    "verde água": "aquamarine", "vermelho escuro": "darkred", "laranja escuro": "darkorange",
    "amarelo claro": "lightyellow", "rosa claro": "lightpink", "rosa escuro": "deeppink",
    "cinza": "gray",
}  # fmt: skip

_SHADES_ES = {
    "rojo": "red", "roja": "red", "verde": "green", "azul": "blue", "amarillo": "yellow",
    "amarilla": "yellow", "naranja": "orange", "morado": "purple", "morada": "purple",
    "púrpura": "purple", "violeta": "violet", "rosa": "pink", "rosado": "pink",
    "magenta": "magenta", "cian": "cyan", "turquesa": "turquoise", "blanco": "white",
    "blanca": "white", "marrón": "brown", "dorado": "gold", "plata": "silver",
    "beige": "beige", "salmón": "salmon", "coral": "coral", "lavanda": "lavender",
    "azul claro": "lightblue", "azul oscuro": "darkblue", "azul marino": "navy",
    "celeste": "skyblue", "verde claro": "lightgreen", "verde oscuro": "darkgreen",
    "verde lima": "lime", "rojo oscuro": "darkred", "índigo": "indigo", "gris": "gray",
}  # fmt: skip

_CSS_NAMES = """
aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet
brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan
darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta
darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue
darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey
dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray
green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush
lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen
lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey
lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue
mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise
mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy navyblue oldlace
olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred
papayawhip peachpuff peru pink plum powderblue purple red rosybrown royalblue saddlebrown
salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow
springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow
yellowgreen
"""

CSS = frozenset(_CSS_NAMES.split())
"""Names that `light.turn_on` accepts as `color_name`."""

_WHITES_PT = {
    "branco quente": 2700, "branca quente": 2700, "luz quente": 2700, "amarelada": 2700,
    "quente": 2700, "branco neutro": 4000, "branca neutra": 4000, "luz neutra": 4000,
    "neutra": 4000, "neutro": 4000, "branco frio": 6000, "branca fria": 6000, "luz fria": 6000,
    "fria": 6000, "luz do dia": 6500, "luz de vela": 2000,
}  # fmt: skip
_WHITES_EN = {
    "warm white": 2700, "warm": 2700, "warm light": 2700, "soft white": 2700,
    "neutral white": 4000, "neutral": 4000, "cool white": 6000, "cold white": 6000,
    "cold light": 6000, "cool light": 6000, "cool": 6000, "cold": 6000, "daylight": 6500,
    "candlelight": 2000, "candle light": 2000,
}  # fmt: skip
_WHITES_ES = {
    "blanco cálido": 2700, "blanca cálida": 2700, "luz cálida": 2700, "cálida": 2700,
    "cálido": 2700, "blanco neutro": 4000, "luz neutra": 4000, "blanco frío": 6000,
    "luz fría": 6000, "fría": 6000, "luz de día": 6500, "luz del día": 6500,
}  # fmt: skip

SHADES = (_SHADES_PT, _SHADES_ES)
WHITES = (_WHITES_PT, _WHITES_EN, _WHITES_ES)

_NAMES = {
    Language.PT_BR: _SHADES_PT,
    Language.PT: _SHADES_PT,
    Language.EN: {},
    Language.ES: _SHADES_ES,
}
_WHITE_NAMES = {
    Language.PT_BR: _WHITES_PT,
    Language.PT: _WHITES_PT,
    Language.EN: _WHITES_EN,
    Language.ES: _WHITES_ES,
}


def color_words(color: str, language: Language) -> str:
    """Return how a CSS colour is called; its own name where the language has none for it."""
    return next((said for said, css in _NAMES[language].items() if css == color), color)


def white_words(kelvin: int, language: Language) -> str:
    """Return how a white is called, such as "branco quente"; its temperature where it has none."""
    named = _WHITE_NAMES[language].items()
    return next((said for said, white in named if white == kelvin), f"{kelvin} kelvin")
