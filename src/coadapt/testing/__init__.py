"""Contract tests for authors of plug-ins: subclass one, name your class, run pytest."""
