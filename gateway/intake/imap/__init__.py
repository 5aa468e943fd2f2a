"""A mailbox is visited: IMAP over TLS, one bounded visit at a time."""
