"""A mail client that says exactly what a test wants it to say, byte for byte."""

import base64
import select
import socket
import ssl
from typing import Self


class Hung(Exception):
    """The server closed the connection instead of answering."""


class Client:
    """Blocking, on purpose: what it sends, and when, is up to the test alone."""

    def __init__(self, port: int | socket.socket, *, greet: bool = True, seconds: float = 10) -> None:
        self.wire: socket.socket = (
            socket.create_connection(("127.0.0.1", port), seconds) if isinstance(port, int) else port
        )
        if self.wire.family != socket.AF_UNIX:
            self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small pieces leave at once
        self._heard = b""
        self.offers = b""
        self.greeting = self.reply() if greet else b""

    def send(self, sent: bytes) -> Self:
        self.wire.sendall(sent)
        return self

    def reply(self) -> bytes:
        """One reply, all its lines."""
        lines = b""
        while True:
            while b"\r\n" not in self._heard:
                try:
                    heard = self.wire.recv(65536)
                except ConnectionError:
                    heard = b""
                if not heard:
                    raise Hung(lines + self._heard)
                self._heard += heard
            line, _, self._heard = self._heard.partition(b"\r\n")
            lines += line + b"\r\n"
            if line[3:4] != b"-":
                return lines

    def codes(self, count: int) -> list[int]:
        return [int(self.reply()[:3]) for _ in range(count)]

    def say(self, line: bytes | str) -> bytes:
        return self.send((line.encode() if isinstance(line, str) else line) + b"\r\n").reply()

    def code(self, line: bytes | str) -> int:
        return int(self.say(line)[:3])

    def hello(self, name: str = "client.test") -> Self:
        self.offers = self.say(f"EHLO {name}")
        return self

    def offers_extension(self, name: str) -> bool:
        return any(line[4:].split(b" ")[0] == name.encode() for line in self.offers.split(b"\r\n")[1:])

    def announce(self, *recipients: str, sender: str = "a@src.test") -> Self:
        """A mail up to its DATA, which is answered 354."""
        assert self.code(f"MAIL FROM:<{sender}>") == 250
        for recipient in recipients or ("b@dst.test",):
            assert self.code(f"RCPT TO:<{recipient}>") == 250
        assert self.code("DATA") == 354
        return self

    def deliver(self, mail: bytes, *recipients: str, sender: str = "a@src.test") -> bytes:
        """A whole mail, which brings its own final CR LF and stuffed dots; the final reply."""
        return self.announce(*recipients, sender=sender).send(mail + b".\r\n").reply()

    def start_tls(self, behind: bytes = b"", context: ssl.SSLContext | None = None) -> Self:
        assert self.send(b"STARTTLS\r\n" + behind).reply().startswith(b"220 ")
        self.wire = (context or unverified()).wrap_socket(self.wire)
        self._heard = b""
        return self

    def is_closed(self) -> bool:
        """Waits for the end of the connection; false if the server says more, raises TimeoutError if it stays."""
        try:
            return not self._heard and self.wire.recv(1) == b""
        except ConnectionError:
            return True

    def has_heard(self, seconds: float) -> bool:
        """Whether something comes within that time."""
        return bool(select.select([self.wire], [], [], seconds)[0])

    def until_hung_up(self) -> list[bytes]:
        """All replies that still come."""
        heard = []
        try:
            while True:
                heard.append(self.reply())
        except (Hung, OSError):
            return heard

    def rest(self) -> bytes:
        """All that still comes until the server closes."""
        heard = self._heard
        try:
            while piece := self.wire.recv(65536):
                heard += piece
        except ConnectionError:
            pass
        return heard

    def close(self) -> None:
        self.wire.close()


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def encoded(*words: str) -> str:
    """Words with NUL between them, in base64: what AUTH PLAIN wants."""
    return base64.b64encode("\0".join(words).encode()).decode()
