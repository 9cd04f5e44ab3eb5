"""What is measured of a ranking: one file a family."""
