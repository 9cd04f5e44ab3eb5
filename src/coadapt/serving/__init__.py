"""The loop, one file a use case: ingest, recommend, learn, retrain, promote, erase."""
