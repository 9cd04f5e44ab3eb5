"""Where things are kept; a URL's scheme chooses the store."""
