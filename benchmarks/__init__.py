"""Measurements that the documentation quotes; run by hand, no part of what ships."""
