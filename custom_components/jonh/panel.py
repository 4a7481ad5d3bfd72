"""The panel Conversa: its files, and its place in the sidebar."""

from pathlib import Path
from typing import TYPE_CHECKING

from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN

if TYPE_CHECKING:
    from types import ModuleType

URL_PATH = "jonh"
ELEMENT = "jonh-panel"
TITLE = "Conversa"
ICON = "mdi:phone"
FRONTEND = Path(__file__).parent / "frontend"


async def async_serve_panel(hass: HomeAssistant) -> None:
    """Serve the files of the panel, where Home Assistant has a web server.

    The version stands in the path, so that browsers may keep the files until the next one.
    """
    if getattr(hass, "http", None) is None:
        return
    path = StaticPathConfig(await _async_address(hass), str(FRONTEND), cache_headers=True)
    await hass.http.async_register_static_paths([path])


async def async_show_panel(hass: HomeAssistant) -> None:
    """Put the panel into the sidebar; a Home Assistant without a user interface goes without."""
    frontend = _frontend(hass)
    if frontend is None or frontend.async_panel_exists(hass, URL_PATH):
        return
    from homeassistant.components import panel_custom

    await panel_custom.async_register_panel(
        hass,
        frontend_url_path=URL_PATH,
        webcomponent_name=ELEMENT,
        sidebar_title=TITLE,
        sidebar_icon=ICON,
        module_url=f"{await _async_address(hass)}/panel.js",
        embed_iframe=False,
        handle_safe_area=True,
    )


@callback
def async_hide_panel(hass: HomeAssistant) -> None:
    """Take the panel out of the sidebar."""
    if (frontend := _frontend(hass)) is not None:
        frontend.async_remove_panel(hass, URL_PATH, warn_if_unknown=False)


async def _async_address(hass: HomeAssistant) -> str:
    """Return where the files are served."""
    integration = await async_get_integration(hass, DOMAIN)
    return f"/jonh_static/{integration.version}"


def _frontend(hass: HomeAssistant) -> ModuleType | None:
    """Return the frontend component; importing it loads its package, which may be missing."""
    if "frontend" not in hass.config.components:
        return None
    from homeassistant.components import frontend

    return frontend
