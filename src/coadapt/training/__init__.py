"""From a RunConfig to a run directory."""
