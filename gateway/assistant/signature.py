"""Standard Webhooks 1.0.0: who gets a request can tell that it is ours, and when it was made."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error


def sign(key: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers. A key "whsec_…" is base64, any other is taken as it is."""
    said = b".".join((message_id.encode(), str(timestamp).encode(), body))
    mac = b64encode(hmac.digest(_secret(key), said, "sha256")).decode("ascii")
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{mac}"}


def _secret(key: str) -> bytes:
    if not key.startswith("whsec_"):
        return key.encode()
    try:
        return b64decode(key.removeprefix("whsec_"), validate=True)
    except Error:
        return key.encode()
