"""A token endpoint on loopback (RFC 6749 §4.4 and §6), which also says what a token is good for (RFC 7662)."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest


@dataclass
class Tokens:
    """`user` is whom its tokens let in. `asked` are the forms of all requests for one; `refuse` is an OAuth error."""

    url: str = ""
    user: str = "u1"
    good: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    refuse: str = ""

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if path == "/introspect":
            active = form.get("token") in self.good
            return 200, {"active": "true" if active else "false", "username": self.user}
        self.asked.append(form)
        if self.refuse:
            return 400, {"error": self.refuse}
        token = f"token-{len(self.asked)}"
        self.good.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}


@pytest.fixture
def tokens() -> Iterator[Tokens]:
    service = Tokens()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = {key: values[0] for key, values in parse_qs(self.rfile.read(length).decode()).items()}
            status, said = service.answer(self.path, form)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield service
        server.shutdown()
        thread.join()
