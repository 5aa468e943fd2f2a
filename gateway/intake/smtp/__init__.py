"""The SMTP door: a hardened listener that says 250 only after the mail is on disk."""
