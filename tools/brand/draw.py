#!/usr/bin/env python3
"""Draw Jonh's icon and logo for the integration and the add-ons, from shapes alone.

    .venv/bin/python tools/brand/draw.py [ROOT]

Every shape is a signed distance field (negative inside), in units of the icon's side, y down.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

type Field = NDArray[np.float64]
type Point = tuple[float, float]
type Colour = tuple[int, int, int]

ROOT = Path(__file__).parents[2]
BRAND = Path("custom_components") / "jonh" / "brand"
ICON_SIDE_PX = 256
LOGO_HEIGHT_PX = 128
# The Supervisor asks for about these.
ADD_ONS = (Path("addons") / "jonh_stt", Path("addons") / "jonh_tts")
ADD_ON_ICON_PX = 128
ADD_ON_LOGO_HEIGHT_PX = 76
# Home Assistant asks for the double size under the same name with @2x.
SCALES = {"": 1, "@2x": 2}

# Gable house, its rounding added around the corners.
HOUSE: tuple[Point, ...] = ((0.10, 0.90), (0.10, 0.44), (0.50, 0.10), (0.90, 0.44), (0.90, 0.90))
HOUSE_ROUNDING = 0.10
# Five bars of a voice: x of the middle, half of the height.
BARS: tuple[Point, ...] = ((0.22, 0.06), (0.36, 0.15), (0.50, 0.25), (0.64, 0.15), (0.78, 0.06))
BAR_MIDDLE_Y = 0.60
BAR_RADIUS = 0.042

# The name: pen, heights and where each letter stands.
PEN_RADIUS = 0.062
ASCENDER_Y, X_HEIGHT_Y, BASE_Y = 0.20, 0.42, 0.80
ARCH_RADIUS = 0.137
J_STEM_X, O_MIDDLE_X, N_STEM_X, H_STEM_X = 1.622, 2.026, 2.44, 2.938
LOGO_WIDTH = 3.28


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours for one background."""

    top: Colour
    bottom: Colour
    voice: Colour
    letters: Colour


PALETTES = {
    "": Palette(
        top=(0, 158, 115), bottom=(0, 84, 120), voice=(255, 255, 255), letters=(13, 59, 78)
    ),
    "dark_": Palette(
        top=(52, 211, 153), bottom=(20, 130, 170), voice=(255, 255, 255), letters=(236, 246, 243)
    ),
}
# The store of add-ons has one image for light and dark: letters that both leave readable.
ADD_ON_PALETTE = replace(PALETTES[""], letters=(24, 138, 152))


def main() -> None:
    """Write the eight images of the integration, light and dark in two sizes, and the add-ons'."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    for folder in (BRAND, *ADD_ONS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for prefix, palette in PALETTES.items():
        for suffix, scale in SCALES.items():
            icon(ICON_SIDE_PX * scale, palette).save(
                root / BRAND / f"{prefix}icon{suffix}.png", optimize=True
            )
            logo(LOGO_HEIGHT_PX * scale, palette).save(
                root / BRAND / f"{prefix}logo{suffix}.png", optimize=True
            )

    for folder in ADD_ONS:
        icon(ADD_ON_ICON_PX, ADD_ON_PALETTE).save(root / folder / "icon.png", optimize=True)
        logo(ADD_ON_LOGO_HEIGHT_PX, ADD_ON_PALETTE).save(root / folder / "logo.png", optimize=True)


def icon(side_px: int, palette: Palette) -> Image.Image:
    """Draw the mark alone: a house that holds a voice."""
    return _mark(*_grid(1.0, side_px), palette, side_px)


def logo(height_px: int, palette: Palette) -> Image.Image:
    """Draw the mark and the name beside it."""
    x, y = _grid(LOGO_WIDTH, height_px)
    name = _solid(_letters(x, y), palette.letters, height_px)
    return Image.alpha_composite(_mark(x, y, palette, height_px), name)


def _mark(x: Field, y: Field, palette: Palette, side_px: int) -> Image.Image:
    house = _polygon(x, y, HOUSE) - HOUSE_ROUNDING
    shade = np.clip(y, 0.0, 1.0)[..., None]
    colours = (1 - shade) * np.array(palette.top) + shade * np.array(palette.bottom)
    voice = np.minimum.reduce(
        [
            _stroke(x, y, (middle, BAR_MIDDLE_Y - half), (middle, BAR_MIDDLE_Y + half), BAR_RADIUS)
            for middle, half in BARS
        ]
    )
    return Image.alpha_composite(
        _painted(house, colours, side_px), _solid(voice, palette.voice, side_px)
    )


def _letters(x: Field, y: Field) -> Field:
    """J, o, n, h drawn with one round pen; they share a baseline, an x-height and an ascender."""
    hook = 0.17
    strokes: Field = np.minimum.reduce(
        [
            _stroke(x, y, (J_STEM_X, ASCENDER_Y), (J_STEM_X, BASE_Y - hook), PEN_RADIUS),
            _arc(x, y, (J_STEM_X - hook, BASE_Y - hook), hook, below=True),
            _ring(x, y, (O_MIDDLE_X, (X_HEIGHT_Y + BASE_Y) / 2), (BASE_Y - X_HEIGHT_Y) / 2),
            _stroke(x, y, (N_STEM_X, X_HEIGHT_Y), (N_STEM_X, BASE_Y), PEN_RADIUS),
            _arch(x, y, N_STEM_X),
            _stroke(x, y, (H_STEM_X, ASCENDER_Y), (H_STEM_X, BASE_Y), PEN_RADIUS),
            _arch(x, y, H_STEM_X),
        ]
    )
    return strokes


def _arch(x: Field, y: Field, stem_x: float) -> Field:
    """Shoulder and right leg of an n or h."""
    leg_x = stem_x + 2 * ARCH_RADIUS
    springing_y = X_HEIGHT_Y + ARCH_RADIUS
    shoulder = _arc(x, y, (stem_x + ARCH_RADIUS, springing_y), ARCH_RADIUS, below=False)
    return np.minimum(shoulder, _stroke(x, y, (leg_x, springing_y), (leg_x, BASE_Y), PEN_RADIUS))


def _grid(width: float, height_px: int) -> tuple[Field, Field]:
    columns = (np.arange(round(width * height_px)) + 0.5) / height_px
    rows = (np.arange(height_px) + 0.5) / height_px
    x, y = np.meshgrid(columns, rows)
    return x, y


def _stroke(x: Field, y: Field, start: Point, end: Point, radius: float) -> Field:
    """Return the field of a line with round ends."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    distance: Field = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy) - radius
    return distance


def _ring(x: Field, y: Field, centre: Point, size: float) -> Field:
    distance: Field = np.abs(np.hypot(x - centre[0], y - centre[1]) - size) - PEN_RADIUS
    return distance


def _arc(x: Field, y: Field, centre: Point, size: float, *, below: bool) -> Field:
    """Return the field of half a ring, with round ends."""
    within = (y >= centre[1]) if below else (y <= centre[1])
    to_ends = np.minimum(
        np.hypot(x - centre[0] - size, y - centre[1]), np.hypot(x - centre[0] + size, y - centre[1])
    )
    distance: Field = np.where(within, _ring(x, y, centre, size), to_ends - PEN_RADIUS)
    return distance


def _polygon(x: Field, y: Field, corners: tuple[Point, ...]) -> Field:
    distance = np.full_like(x, np.inf)
    inside = np.zeros_like(x, dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        distance = np.minimum(distance, _stroke(x, y, (ax, ay), (bx, by), 0.0))
        if ay != by:
            crosses = (ay > y) != (by > y)
            inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return np.where(inside, -distance, distance)


def _solid(field: Field, colour: Colour, unit_px: int) -> Image.Image:
    return _painted(field, np.broadcast_to(np.array(colour, float), (*field.shape, 3)), unit_px)


def _painted(field: Field, colours: Field, unit_px: int) -> Image.Image:
    """Colours where the field is inside, the edge blended over one pixel."""
    alpha = np.clip(0.5 - field * unit_px, 0.0, 1.0)
    pixels = np.dstack([colours, alpha * 255])
    return Image.fromarray(np.rint(pixels).astype(np.uint8), "RGBA")


if __name__ == "__main__":
    main()
