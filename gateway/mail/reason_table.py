"""Why servers refuse a mail: the reasons, and what their status codes say of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """`permanent`: the address itself will not work another time either."""

    name: str
    words: str
    permanent: bool


UNKNOWN_USER = Reason("unknown_user", "The address does not exist", permanent=True)
UNKNOWN_HOST = Reason("unknown_host", "The domain of the address does not exist", permanent=True)
MOVED = Reason("moved", "The recipient has moved to another address", permanent=True)
GONE = Reason("gone", "The mailbox has been given up", permanent=True)
NO_MAIL = Reason("no_mail", "The domain takes no mail", permanent=True)
FULL = Reason("full", "The mailbox is full", permanent=False)
DISABLED = Reason("disabled", "The mailbox is switched off for now", permanent=False)
FILTERED = Reason("filtered", "The recipient's server refuses this mail", permanent=False)
GROUP = Reason("group", "It is a group that we may not write to", permanent=False)
SPAM = Reason("spam", "It was taken for spam", permanent=False)
VIRUS = Reason("virus", "It was refused as dangerous", permanent=False)
POLICY = Reason("policy", "The recipient's server refuses it by its rules", permanent=False)
SENDER = Reason("sender", "The recipient's server refuses our sender address", permanent=False)
BLOCKED = Reason("blocked", "The recipient's server refuses our mail server", permanent=False)
UNPROVEN = Reason("unproven", "The recipient's server wants proof of the sender (SPF, DKIM, DMARC)", permanent=False)
RELAY = Reason("relay", "The recipient's server does not take mail for that address", permanent=False)
LARGE = Reason("large", "The mail is too large", permanent=False)
BUSY = Reason("busy", "Too much mail at once for the recipient's server", permanent=False)
EXPIRED = Reason("expired", "It could not be delivered in time", permanent=False)
NETWORK = Reason("network", "The recipient's server cannot be reached", permanent=False)
BROKEN = Reason("broken", "The recipient's server has a fault", permanent=False)
UNCLEAR = Reason("unclear", "It could not be delivered", permanent=False)
FINAL = Reason("final", "It could not be delivered, for good", permanent=True)
REFUSED = Reason("refused", "The other side refused it", permanent=False)
LATER = Reason("later", "It could not be delivered for now", permanent=False)
FORM = Reason("form", "The recipient's server does not understand the mail", permanent=False)


# RFC 3463 and the IANA registry of status codes (RFC 4865, 5248, 6531, 6710, 7293, 7372, 7504), class left out.
# x.2.1 and x.2.2 are about the mailbox as it is now; x.1.x is about the address.
BY_STATUS = {
    "x.0.0": FINAL, "x.1.0": UNKNOWN_USER, "x.1.1": UNKNOWN_USER, "x.1.2": UNKNOWN_HOST, "x.1.3": UNKNOWN_USER,
    "x.1.4": UNKNOWN_USER, "x.1.6": MOVED, "x.1.7": SENDER, "x.1.8": SENDER, "x.1.9": RELAY, "x.1.10": NO_MAIL,
    "x.2.0": FILTERED, "x.2.1": DISABLED, "x.2.2": FULL, "x.2.3": LARGE, "x.2.4": BROKEN,
    "x.3.0": BROKEN, "x.3.1": BUSY, "x.3.2": BROKEN, "x.3.3": FORM, "x.3.4": LARGE, "x.3.5": BROKEN, "x.3.6": FORM,
    "x.4.0": NETWORK, "x.4.1": NETWORK, "x.4.2": NETWORK, "x.4.3": NETWORK, "x.4.4": UNKNOWN_HOST, "x.4.5": BUSY,
    "x.4.6": NETWORK, "x.4.7": EXPIRED, "x.4.8": NETWORK,
    "x.5.0": FORM, "x.5.1": FORM, "x.5.2": FORM, "x.5.3": BUSY, "x.5.4": FORM, "x.5.5": FORM, "x.5.6": FORM,
    "x.6.0": FORM, "x.6.1": FORM, "x.6.2": FORM, "x.6.3": FORM, "x.6.4": FORM, "x.6.5": FORM, "x.6.6": FORM,
    "x.6.7": FORM, "x.6.8": FORM, "x.6.9": FORM, "x.6.10": FORM,
    "x.7.0": POLICY, "x.7.1": POLICY, "x.7.2": GROUP, "x.7.3": POLICY, "x.7.4": POLICY, "x.7.5": UNPROVEN,
    "x.7.6": POLICY, "x.7.7": FORM, "x.7.8": POLICY, "x.7.9": POLICY, "x.7.10": POLICY, "x.7.11": POLICY,
    "x.7.12": POLICY, "x.7.13": DISABLED, "x.7.14": POLICY, "x.7.15": POLICY, "x.7.16": LARGE, "x.7.17": GONE,
    "x.7.18": GONE, "x.7.20": UNPROVEN, "x.7.21": UNPROVEN, "x.7.22": UNPROVEN, "x.7.23": UNPROVEN,
    "x.7.24": UNPROVEN, "x.7.25": BLOCKED, "x.7.26": UNPROVEN, "x.7.27": SENDER, "x.7.28": BUSY, "x.7.29": UNPROVEN,
    "x.7.30": POLICY,
    # Exchange Online's own numbers.
    "x.1.20": SENDER, "x.2.122": BUSY, "x.4.300": EXPIRED, "x.4.310": UNKNOWN_HOST, "x.4.312": NETWORK,
    "x.4.316": EXPIRED, "x.7.124": GROUP, "x.7.133": GROUP, "x.7.134": GROUP, "x.7.135": GROUP, "x.7.136": GROUP,
    "x.7.193": GROUP, "x.7.501": SPAM, "x.7.502": SPAM, "x.7.503": SPAM, "x.7.506": SENDER, "x.7.507": BLOCKED,
    "x.7.508": BUSY, "x.7.509": UNPROVEN, "x.7.511": SENDER, "x.7.515": UNPROVEN, "x.7.520": POLICY,
    "x.7.606": BLOCKED, "x.7.703": SPAM, "x.7.705": BUSY, "x.7.708": BLOCKED, "x.7.750": SPAM,
}  # fmt: skip
# They say it of the address, whatever words stand beside them.
OF_THE_ADDRESS = ("x.1.1", "x.1.2", "x.1.3", "x.1.6", "x.1.10", "x.2.2", "x.7.17", "x.7.18")
