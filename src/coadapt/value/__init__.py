"""What a person will be worth: one file a method."""
