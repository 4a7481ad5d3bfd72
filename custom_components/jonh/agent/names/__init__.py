"""How things in the home are called, and how they are found."""
