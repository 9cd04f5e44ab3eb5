"""Run trials, one file a place where they run."""
