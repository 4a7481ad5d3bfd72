"""What was said before, and the facts that stay."""
