"""How many rooms a machine serves: what an utterance and an answer cost, and what follows."""
