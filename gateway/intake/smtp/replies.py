"""What the door says: a code (RFC 5321 §4.2), an enhanced code (RFC 3463) and words that help."""

OK = b"250 2.0.0 OK"
SENDER_OK = b"250 2.1.0 OK"
RECIPIENT_OK = b"250 2.1.5 OK"
BYE = b"221 2.0.0 Bye"
GO_AHEAD = b"354 End data with <CR><LF>.<CR><LF>"
START_TLS = b"220 2.0.0 Ready to start TLS"
NOT_VERIFIED = b"252 2.1.5 Addresses are not verified here; send the mail and see"
HELP = b"214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT STARTTLS AUTH; see RFC 5321"

SIGNED_IN = b"235 2.7.0 Authentication successful"
TELL = b"334 "
AUTH_TRY_LATER = b"454 4.7.0 Cannot verify that now, try again later"
AUTH_WRONG = b"535 5.7.8 Name or password is wrong"
AUTH_CANCELLED = b"501 5.7.0 Authentication cancelled"
AUTH_NOT_READABLE = b"501 5.5.2 Cannot read that"
AUTH_UNKNOWN = b"504 5.5.4 Only PLAIN and LOGIN are known here"
AUTH_NEEDS_TLS = b"538 5.7.11 Use STARTTLS first"
AUTH_TWICE = b"503 5.5.1 Already signed in"
AUTH_IN_MAIL = b"503 5.5.1 Not within a mail"

NO_ROOM = b"452 4.3.1 Not enough room, try again later"
TRY_LATER = b"451 4.3.0 Cannot keep the mail now, try again later"
OUR_FAULT = b"451 4.3.0 Something went wrong here, try again later"
MAILBOX_LATER = b"451 4.3.0 Cannot look this address up now, try again later"
TOO_MANY_RECIPIENTS = b"452 4.5.3 Too many recipients, send the others in another mail"
TOO_MANY_MAILS = b"450 4.7.1 Too many mails in a minute, try again later"

CLOSING = b"421 4.3.2 Closing for now, try again soon"
BROKEN = b"421 4.3.0 Something went wrong here, try again later"
IDLE = b"421 4.4.2 Waited too long, closing"
TOO_SLOW = b"421 4.4.2 The mail arrives too slowly, closing"
TOO_MANY_CONNECTIONS = b"421 4.7.0 Too many connections, try again later"
TOO_MANY_ERRORS = b"421 4.7.0 Too many errors, closing"
TOO_MANY_COMMANDS = b"421 4.7.0 Too many commands without a mail, closing"
TOO_MANY_UNKNOWN = b"421 4.7.0 Too many unknown recipients, closing"
TOO_MANY_SIGN_INS = b"421 4.7.0 Too many failed sign-ins, try again later"
TALKS_TOO_EARLY = b"421 4.7.0 Wait for the greeting, closing"
NOT_SMTP = b"421 4.7.0 This is not SMTP, closing"
LINE_WITHOUT_END = b"421 4.7.0 This line does not end, closing"

UNKNOWN_COMMAND = b"500 5.5.1 Unknown command"
LINE_TOO_LONG = b"500 5.5.2 Line too long"
BAD_LINE = b"500 5.5.2 A line ends with CR LF and has no other control characters"
EMPTY_LINE = b"500 5.5.2 Empty command"
NOT_IMPLEMENTED = b"502 5.5.1 Not implemented"
NO_TLS = b"502 5.5.1 TLS is not offered here"
TLS_TWICE = b"503 5.5.1 TLS is active already"
NO_ARGUMENT = b"501 5.5.4 This command takes no argument"
NO_NAME = b"501 5.5.4 Say your name: EHLO host.example"
BAD_MAIL = b"501 5.5.4 Say MAIL FROM:<address>"
BAD_RCPT = b"501 5.5.4 Say RCPT TO:<address>"
BAD_SENDER = b"501 5.1.7 This is not a mail address"
BAD_RECIPIENT = b"501 5.1.3 This is not a mail address"
BAD_SIZE = b"501 5.5.4 SIZE takes a number"
BAD_BODY = b"501 5.5.4 BODY is 7BIT or 8BITMIME"
UNKNOWN_PARAMETER = b"555 5.5.4 Unknown parameter"
NEEDS_UTF8 = b"553 5.6.7 An address with such letters needs SMTPUTF8"
SAY_HELLO = b"503 5.5.1 Say EHLO first"
NESTED_MAIL = b"503 5.5.1 A mail has been begun already; RSET drops it"
NEEDS_MAIL = b"503 5.5.1 Say MAIL FROM first"
NEEDS_RCPT = b"503 5.5.1 Say RCPT TO first"
NO_RECIPIENTS = b"554 5.5.1 No recipient was accepted"
NOT_YOUR_SENDER = b"553 5.7.1 You may not send as this address"
NOT_OUR_SENDER = (
    b"553 5.7.1 Mail to others leaves only as one of our mailboxes: set the sender's address to one of [[mailbox]]"
)
NOT_OUR_AUTHOR = (
    b"550 5.7.1 The From of a mail to others must be one of our mailboxes: set it to an address of [[mailbox]]"
)
NO_SUCH_MAILBOX = b"550 5.1.1 There is no such mailbox here"
GOES_ROUND = b"554 5.4.6 This mail has been here too often, it goes round in a circle"

_SOFT = {b"550": b"450", b"552": b"452", b"553": b"450", b"554": b"451"}


def kept(id: str) -> bytes:
    return b"250 2.0.0 Kept as " + id.encode()


def too_big(limit: int) -> bytes:
    words = f"552 5.3.4 A mail may have {limit // (1024 * 1024)} MiB here" if limit >= 1024 * 1024 else ""
    return (words or f"552 5.3.4 A mail may have {limit} bytes here").encode() + b"; send big files by a link"


def too_big_to_send(limit: int) -> bytes:
    return (
        f"552 5.3.4 The relay takes mails up to {limit / (1024 * 1024):.1f} MiB, this one does not fit: "
        "send big files by a link, or raise max_size of [relay]"
    ).encode()


def soften(reply: bytes) -> bytes:
    """A refusal as "try again": the sender keeps the mail and nothing bounces."""
    if not reply.startswith(b"5"):
        return reply
    return _SOFT.get(reply[:3], b"451") + b" 4" + reply[5:]
