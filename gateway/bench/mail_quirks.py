"""Where Zammad's expectations are not followed on purpose, by path, each with its reason."""

QUIRKS: dict[str, str] = {
    "zammad/mail068.eml": "begins with a line of the program that saved it; no server delivers a mail like that",
    "zammad/mail076.eml": "expects the closing bracket as a part of the address",
    "zammad/mail087.eml": "expects the whole field, name and blank included, as the address",
}
