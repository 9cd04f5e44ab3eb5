"""Load a running service: at a fixed rate, to saturation, and with batches of events."""
