"""The windows: inbox, hook, API, metrics."""
