"""The parts of the dynamic user value evaluator."""
