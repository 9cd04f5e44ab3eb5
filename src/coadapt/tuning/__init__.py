"""Search for the hyperparameters that serve best."""
