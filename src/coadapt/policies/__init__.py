"""Who chooses a slate: one file a method."""
