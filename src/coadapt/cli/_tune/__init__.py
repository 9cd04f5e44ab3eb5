"""Show what a study found."""
