"""What is new in a mail, and what is quoted, signed or forwarded."""
