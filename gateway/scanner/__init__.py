"""Attached files are looked at: clamd is asked whether one is a virus."""
