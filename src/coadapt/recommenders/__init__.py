"""Who scores items: one file a method, named as its paper names it."""
