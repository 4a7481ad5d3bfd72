"""Wyoming speech servers of Jonh."""

__version__ = "0.1.0"
