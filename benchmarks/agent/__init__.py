"""Measurements of the conversation agent on made-up homes."""
