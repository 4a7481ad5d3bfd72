"""What needs a yes, and who may say it."""
