"""Starts, reloads, stops; the only place that says who plays which part."""
