"""Finds the end of a mail in what arrives, and takes the stuffed dots out (RFC 5321 §4.5.2)."""

END = b"\r\n.\r\n"


class Dots:
    """Fed with pieces of any size. Only CR LF . CR LF ends a mail; every other byte is kept as it came.

    After `feed` set `ended`, `rest` is what the client had sent behind the mail.
    """

    __slots__ = ("_held", "_invented", "ended", "rest")

    def __init__(self) -> None:
        # A mail may be empty: its dot then follows the CR LF of DATA, which is invented again here.
        self._held = b"\r\n"
        self._invented = 2
        self.ended = False
        self.rest = b""

    def feed(self, piece: bytes) -> bytes:
        """The next bytes of the mail, as the author meant them."""
        text = self._held + piece
        end = text.find(END)
        if end >= 0:
            self.ended = True
            self.rest = text[end + len(END) :]
            text = text[: end + 2]
        else:
            kept = _beginning_of_end(text)
            self._held = text[len(text) - kept :]
            text = text[: len(text) - kept]
        return self._without_invented(text.replace(b"\r\n.", b"\r\n"))

    def _without_invented(self, text: bytes) -> bytes:
        if not self._invented or not text:
            return text
        text, self._invented = text[self._invented :], max(0, self._invented - len(text))
        return text


def _beginning_of_end(text: bytes) -> int:
    """How many of the last bytes could be the beginning of END. They wait for the next piece."""
    for length in (4, 3, 2, 1):
        if text.endswith(END[:length]):
            return length
    return 0
