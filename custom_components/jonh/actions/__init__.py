"""What was decided, done by Home Assistant."""
