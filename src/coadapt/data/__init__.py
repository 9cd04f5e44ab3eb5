"""Columns: what computation uses, many users at once."""
