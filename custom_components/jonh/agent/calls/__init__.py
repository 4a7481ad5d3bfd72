"""Calls of tools as models write them."""
