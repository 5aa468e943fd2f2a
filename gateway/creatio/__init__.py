"""Creatio: sign-in, tenant, cases, activities, files."""
