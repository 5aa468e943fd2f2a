"""Carries out the to-do list: takes due jobs, does them, writes what came of it."""
