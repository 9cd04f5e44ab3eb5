"""Find good settings on a small budget: one file a searcher."""
