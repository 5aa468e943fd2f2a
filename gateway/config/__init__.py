"""The settings: read once, every fault told at once."""
