"""Worlds: one file each."""
