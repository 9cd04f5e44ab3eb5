"""Measure recommenders side by side: one split, one measuring code, one process each."""
