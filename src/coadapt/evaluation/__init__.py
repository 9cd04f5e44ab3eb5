"""How good a recommender or a policy is: on held-out events, and beside another."""
