"""Signed and encrypted mail is named: nothing here opens or checks a seal."""

from gateway.mail.parts import Part

_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")


def seal_notes(tree: Part, text: str) -> tuple[str, ...]:
    """Which of S/MIME and PGP a mail uses, and whether it can be read without a key."""
    notes: dict[str, None] = {}
    for part in tree.walk():
        protocol = part.parameters.get("protocol", "").lower()
        if part.type == "multipart/signed":
            notes["signed with PGP" if "pgp" in protocol else "signed with S/MIME"] = None
        elif part.type == "multipart/encrypted":
            notes["encrypted with PGP"] = None
        elif part.type in _SMIME:
            signed = part.parameters.get("smime-type", "").lower() in ("signed-data", "certs-only")
            notes["signed with S/MIME (opaque)" if signed else "encrypted with S/MIME"] = None
    if "-----BEGIN PGP MESSAGE-----" in text:
        notes["encrypted with PGP"] = None
    elif "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        notes["signed with PGP"] = None
    return tuple(notes)
