"""Propose what to try next, one file an algorithm."""
