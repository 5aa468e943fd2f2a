"""The life of a mail: keep, read, decide, file, listen, send."""
