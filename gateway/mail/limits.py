"""How much of a mail is read, and what is said when it is too much."""

MAX_HEAD = 100_000  # bytes of all header fields together; Postfix: header_size_limit 102400
MAX_FIELD = 16_000  # bytes of one header field
MAX_PARTS = 1_000
MAX_DEPTH = 50
MAX_TEXT = 2_000_000  # characters of text that are looked at; the rest stays in the kept mail
MAX_NAME = 200  # characters of an attachment's name


class Unreadable(Exception):
    """This mail is over a limit: it is kept, and set aside for a person with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
