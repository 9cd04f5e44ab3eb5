"""Hold the rivals of the LSTM task behind one face."""
