"""The panel's place in the sidebar and its files, with and without a user interface."""

import sys
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant import components
from homeassistant.helpers import config_validation as cv
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockModule, mock_integration

from custom_components.jonh.panel import FRONTEND
from tests.jonh.conftest import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator


class Sidebar(ModuleType):
    """Home Assistant's frontend component, as far as panels go."""

    DOMAIN = "frontend"
    CONFIG_SCHEMA = cv.empty_config_schema("frontend")

    def __init__(self) -> None:
        """Begin without panels."""
        super().__init__("homeassistant.components.frontend")
        self.panels: dict[str, dict[str, Any]] = {}

    def async_register_built_in_panel(
        self, hass: HomeAssistant, *, frontend_url_path: str, **panel: Any
    ) -> None:
        """Add a panel; one of that path must not be there yet."""
        assert frontend_url_path not in self.panels
        self.panels[frontend_url_path] = panel

    def async_panel_exists(self, hass: HomeAssistant, path: str) -> bool:
        """Return True if there is a panel at a path."""
        return path in self.panels

    def async_remove_panel(
        self, hass: HomeAssistant, path: str, *, warn_if_unknown: bool = True
    ) -> None:
        """Remove a panel."""
        del self.panels[path]


@pytest.fixture
def sidebar(home: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sidebar]:
    """Stand in for the user interface, whose package is too large for these tests."""
    sidebar = Sidebar()
    monkeypatch.setattr(components, "frontend", sidebar, raising=False)
    with patch.dict(sys.modules, {sidebar.__name__: sidebar}):
        # Its own copy, which knows the stand-in.
        sys.modules.pop("homeassistant.components.panel_custom", None)
        module = import_module("homeassistant.components.panel_custom")
        monkeypatch.setattr(components, "panel_custom", module, raising=False)
        mock_integration(home, MockModule("frontend"))
        home.config.components.add("frontend")
        yield sidebar


async def test_the_panel_is_in_the_sidebar_while_jonh_is_loaded(
    home: HomeAssistant, sidebar: Sidebar
) -> None:
    """It goes with the entry and comes back with it."""
    entry = await set_up(home, {})
    panel = sidebar.panels["jonh"]
    assert panel["sidebar_title"] == "Conversa"
    assert panel["sidebar_icon"] == "mdi:phone"
    assert panel["require_admin"] is False
    assert panel["config"]["_panel_custom"]["name"] == "jonh-panel"
    assert await home.config_entries.async_unload(entry.entry_id)
    assert sidebar.panels == {}
    assert await home.config_entries.async_setup(entry.entry_id)
    assert list(sidebar.panels) == ["jonh"]


async def test_the_files_lie_where_the_panel_looks_for_them(
    home: HomeAssistant, sidebar: Sidebar, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The version is in the address, so that a new one is fetched anew."""
    await set_up(home, {})
    address = sidebar.panels["jonh"]["config"]["_panel_custom"]["module_url"]
    assert address == "/jonh_static/0.1.0/panel.js"
    client = await hass_client_no_auth()
    for path in sorted(FRONTEND.glob("*.js")):
        response = await client.get(f"{Path(address).parent}/{path.name}")
        assert response.status == HTTPStatus.OK
        assert "javascript" in response.headers["Content-Type"]
        assert "max-age" in response.headers["Cache-Control"]


async def test_without_a_user_interface_jonh_loads_all_the_same(home: HomeAssistant) -> None:
    """Some run Home Assistant without one."""
    assert await async_setup_component(home, "http", {})
    entry = await set_up(home, {})
    assert "frontend" not in home.config.components
    assert await home.config_entries.async_unload(entry.entry_id)
