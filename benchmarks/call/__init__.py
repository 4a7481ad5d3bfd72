"""A call with the house in the browser, beside Home Assistant's own voice pipeline."""
