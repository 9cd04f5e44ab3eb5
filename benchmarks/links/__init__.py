"""Predict which page an editor turns to next: DUVE's encoder with a head for links."""
