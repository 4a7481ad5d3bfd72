"""Pictures, as far as a rule looks at them."""

from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from pathlib import Path


def size_px(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG; 0 x 0 where there is none."""
    try:
        with Image.open(path) as image:
            return image.size if image.format == "PNG" else (0, 0)
    except FileNotFoundError, UnidentifiedImageError:
        return (0, 0)
