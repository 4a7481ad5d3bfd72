"""The conversation agent's own rules: pure, without Home Assistant, I/O or clock."""
