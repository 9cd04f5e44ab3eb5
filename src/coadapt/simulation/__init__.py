"""Play people against the service: worlds that hold what they want, and how they behave."""
