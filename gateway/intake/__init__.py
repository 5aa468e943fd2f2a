"""Where mail comes in: the doors."""
