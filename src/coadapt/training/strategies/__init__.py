"""Who owns the loop: plain training here; private and federated training are files beside it."""
