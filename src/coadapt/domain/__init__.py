"""The vocabulary: what crosses the edge one at a time. Plain Python, no input or output."""
