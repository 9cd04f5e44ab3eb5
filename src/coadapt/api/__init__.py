"""The HTTP adapter: parse, call one use case, answer."""
