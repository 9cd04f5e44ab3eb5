"""The parts of the butterfly searcher with a learned surrogate, on the unit cube."""
