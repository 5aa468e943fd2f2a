"""How sure we are that a mail comes from whom it says."""

from enum import StrEnum


class Trust(StrEnum):
    """Contract 10. `FAILED` only when the domain's owner asked for it (DMARC) and no known forwarder explains it."""

    VERIFIED = "verified"
    FORWARDER_VERIFIED = "forwarder_verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"
