"""The demo house: a real Home Assistant with Jonh and its speech servers, on loopback."""
