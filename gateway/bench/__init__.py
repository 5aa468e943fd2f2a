"""The published measurements."""
