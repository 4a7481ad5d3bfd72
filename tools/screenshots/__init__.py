"""Pictures of the call for the README."""
