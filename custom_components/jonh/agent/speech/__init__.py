"""What is said: cleaned model text, and sentences of our own."""
