"""Measure how near off-policy estimates come to what a policy earns when it is let loose."""
