"""Show the whole loop in a terminal: prepare it, serve it, play shoppers, draw a board."""
