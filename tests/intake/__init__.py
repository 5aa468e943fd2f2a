"""The doors, each in front of real clients."""
