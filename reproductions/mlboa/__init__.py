"""Hold the parts of reproductions/mlboa.py: the LSTM task, its models and its tables."""
