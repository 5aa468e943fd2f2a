"""The tables. Alembic's newest revision makes exactly these."""

import sqlalchemy as sa

from gateway.store.todo import attempt as attempt
from gateway.store.todo import job as job
from gateway.store.todo import lane as lane
from gateway.store.types import Json as Json
from gateway.store.types import Key as Key
from gateway.store.types import Moment as Moment
from gateway.store.types import Text as Text
from gateway.store.types import metadata as metadata
from gateway.store.types import table as _row

# -- the house ------------------------------------------------------------------------------------------------------

installation = _row(
    "installation",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uuid", Text, nullable=False),  # from it every id that we give to the outside is derived
    sa.Column("secret", sa.LargeBinary, nullable=False),  # signs our tokens
    sa.Column("created", Moment, nullable=False),
)
known_mailbox = _row(
    "known_mailbox",
    sa.Column("address", Text, primary_key=True),
    sa.Column("settings", Json, nullable=False),  # as last seen in the file, so that a removed one can be kept retired
    sa.Column("last_in_file", Moment, nullable=False),
)
mark = _row(  # a small thing to remember: a poll cursor, a day's calls, when a door was first opened
    "mark", sa.Column("name", Text, primary_key=True), sa.Column("value", Json, nullable=False), sa.Column("at", Moment)
)
counter = _row(
    "counter",
    sa.Column("name", Text, primary_key=True),
    sa.Column("node", Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
pause = _row(
    "pause",
    sa.Column("what", Text, primary_key=True),  # assistant | sending
    sa.Column("mailbox", Text, primary_key=True),  # empty: all
    sa.Column("since", Moment, nullable=False),
    sa.Column("by", Text, nullable=False),
)
notice = _row(  # what the operator must be told; told again daily until `cleared`
    "notice",
    sa.Column("key", Text, primary_key=True),
    sa.Column("text", Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Column("told", Moment),
    sa.Column("cleared", Moment),
)
account = _row(
    "account",
    sa.Column("name", Text, primary_key=True),
    sa.Column("password", Text, nullable=False),  # argon2
    sa.Column("created", Moment, nullable=False),
)
login = _row(
    "login",
    sa.Column("token", Text, primary_key=True),  # sha256 of the cookie
    sa.Column("account", Text, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("seen", Moment, nullable=False),
)

# -- mail that came -------------------------------------------------------------------------------------------------

arrival = _row(
    "arrival",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("mailbox", Text, nullable=False),
    sa.Column("door", Text, nullable=False),  # smtp | imap | feed
    sa.Column("envelope", Json, nullable=False),
    sa.Column("received", Moment, nullable=False),  # INTERNALDATE for IMAP, else our clock
    sa.Column("history", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", Text, nullable=False),
    sa.Column("raw", sa.LargeBinary),  # up to 64 kB; larger mail is the blob named by sha256
    sa.Column("place", Text, unique=True),  # account, folder, UIDVALIDITY, UID of an IMAP mail
    sa.Column("message_id", Text),  # from here on: known once it is read
    sa.Column("content", Text),  # hash of what the writer wrote, whatever relays added: two copies have the same
    sa.Column("conversation_id", Text, index=True),
    sa.Column("entry_id", Key),
    sa.Column("evidence", Json),  # trust, origin and their reasons; answers of the DNS
    sa.Column("fate", Text),  # NULL while open, else one of contract 7's words
    sa.Column("reasons", Json),
    sa.Column("fate_at", Moment),
)
sa.Index("ix_arrival_same", arrival.c.mailbox, arrival.c.sha256)
sa.Index("ix_arrival_message_id", arrival.c.message_id)
sa.Index(
    "ix_arrival_open", arrival.c.fate, postgresql_where=sa.text("fate IS NULL"), sqlite_where=sa.text("fate IS NULL")
)
sa.Index("ix_arrival_fate", arrival.c.fate)  # the balance counts here, without leafing through the mails themselves
sa.Index("ix_arrival_received", arrival.c.received)
blob_chunk = _row(
    "blob_chunk",
    sa.Column("sha256", Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
    sa.Column("stored", Moment, nullable=False),
)

# -- who wrote, and what was said -----------------------------------------------------------------------------------

customer = _row(
    "customer",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("contact_id", Text),  # in Creatio
    sa.Column("contact_note", Text),  # why no contact could be chosen
    sa.Column("created", Moment, nullable=False),
)
customer_address = _row(
    "customer_address",
    sa.Column("address", Text, primary_key=True),  # case-folded
    sa.Column("customer_id", Key, nullable=False, index=True),
)
conversation = _row(
    "conversation",
    sa.Column("id", Text, primary_key=True),  # uuid
    sa.Column("mailbox", Text, nullable=False),
    sa.Column("subject", Text, nullable=False),
    sa.Column("customer_id", Key, nullable=False, index=True),
    sa.Column("address", Text, nullable=False),  # the customer's, as replies go to it
    sa.Column("name", Text, nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("state", Text, nullable=False),  # open | resolved
    sa.Column("held", Text, nullable=False),  # assistant | person
    sa.Column("held_why", Text, nullable=False, server_default=""),
    sa.Column("anchor", Text, nullable=False),  # the signed Message-ID that begins our References
    sa.Column("case_id", Text, index=True),
    sa.Column("parent_id", Text),  # the older conversation that this one goes on from
    sa.Column("answers", sa.Integer, nullable=False, server_default="0"),
    sa.Column("understanding", Json),  # the newest summary, language, sentiment, fields
    sa.Column("created", Moment, nullable=False),
    sa.Column("changed", Moment, nullable=False, index=True),
)
merged = _row(  # a conversation that people found to be one with another: it goes on there
    "merged",
    sa.Column("conversation_id", Text, primary_key=True),
    sa.Column("into_id", Text, nullable=False, index=True),  # never one that is merged itself
    sa.Column("at", Moment, nullable=False),
)
participant = _row(
    "participant",
    sa.Column("conversation_id", Text, primary_key=True),
    sa.Column("address", Text, primary_key=True),  # case-folded
    sa.Column("name", Text, nullable=False),
    sa.Column("trust", Text, nullable=False),
    sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.false()),  # a person says: write to them
)
sa.Index("ix_participant_address", participant.c.address)
entry = _row(
    "entry",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", Text, nullable=False, index=True),
    sa.Column("key", Text, nullable=False, unique=True),
    sa.Column("author", Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("arrived", Moment, nullable=False),
    sa.Column("arrival_id", Key),
    sa.Column("message_id", Text, nullable=False),
    sa.Column("subject", Text, nullable=False),
    sa.Column("sender", Json, nullable=False),  # address, name
    sa.Column("text", Text, nullable=False),
    sa.Column("rest", Json, nullable=False),  # to, cc, html, full, cuts, ids, attachments, trust, automatic, reply_to
    sa.Column("searchable", Text, nullable=False, server_default=""),
)
known_id = _row(  # every Message-ID that we have seen or sent, and whose conversation it is
    "known_id",
    sa.Column("mailbox", Text, primary_key=True),
    sa.Column("message_id", Text, primary_key=True),
    sa.Column("conversation_id", Text, nullable=False, index=True),
    sa.Column("entry_id", Key),
    sa.Column("ours", sa.Boolean, nullable=False),
    sa.Column("people", Json, nullable=False),  # the addresses it was from and to, case-folded
)
outlook_thread = _row(  # the Thread-Index of each Outlook conversation that was seen in one of ours
    "outlook_thread",
    sa.Column("mailbox", Text, primary_key=True),
    sa.Column("thread", Text, primary_key=True),
    sa.Column("conversation_id", Text, primary_key=True),
)
sa.Index("ix_outlook_thread_conversation_id", outlook_thread.c.conversation_id)
history = _row(  # what happened and why: shown in the inbox, in order
    "history",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", Text, index=True),
    sa.Column("arrival_id", Key, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("what", Text, nullable=False),
    sa.Column("facts", Json, nullable=False),
)
handoff = _row(  # a matter given to people; its note is filed once
    "handoff",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", Text, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("by", Text, nullable=False),
    sa.Column("understanding", Json, nullable=False),
)

# -- replies on their way out ---------------------------------------------------------------------------------------

delivery = _row(
    "delivery",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("entry_id", Key, index=True),  # NULL for a notice to the operator
    sa.Column("conversation_id", Text, index=True),
    sa.Column("mailbox", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),  # answer | approved | agent | acknowledgement | notice | probe
    sa.Column("message_id", Text, nullable=False),
    sa.Column("sender", Text, nullable=False),  # envelope
    sa.Column("recipients", Json, nullable=False),  # address -> waiting | delivered | refused: … | delayed: …
    sa.Column("raw", sa.LargeBinary),
    sa.Column("blob", Text),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("state", Text, nullable=False),  # draft | queued | at_data | delivered | refused | unknown | cancelled
    sa.Column("seen", Key),  # the newest entry that was known when it was written
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("why", Text, nullable=False, server_default=""),
    sa.Column("created", Moment, nullable=False),
    sa.Column("changed", Moment, nullable=False),
    sa.Column("ended", Moment),
)
sa.Index("uq_delivery_message_id", delivery.c.message_id, delivery.c.mailbox, unique=True)
sa.Index("ix_delivery_state", delivery.c.state)
sa.Index("ix_delivery_created", delivery.c.created)  # answers within the hour

# -- what Creatio has been told, and what it told us ----------------------------------------------------------------

case = _row(
    "case",
    sa.Column("id", Text, primary_key=True),
    sa.Column("number", Text, nullable=False, server_default=""),
    sa.Column("customer_id", Key, nullable=False, index=True),
    sa.Column("mailbox", Text, nullable=False),
    sa.Column("conversation_id", Text, nullable=False),  # the one that opened it
    sa.Column("state", Text, nullable=False),  # open | paused | resolved | final
    sa.Column("seen", Json, nullable=False),  # the columns as last read: status, owner, group, modified
    sa.Column("written", Json, nullable=False),  # the columns as we last wrote them
    sa.Column("created", Moment, nullable=False),
    sa.Column("checked", Moment),
    sa.Column("changed", Moment, nullable=False),
)
ledger = _row(  # one row for each row that we make or change in Creatio
    "ledger",
    sa.Column("id", Text, primary_key=True),  # the Creatio row's own id; for a change: uuid5 of what it changes
    sa.Column("kind", Text, nullable=False),  # contact | case | activity | message_data | file | data | change | post
    sa.Column("case_id", Text, index=True),
    sa.Column("conversation_id", Text, index=True),
    sa.Column("entry_id", Key),
    sa.Column("state", Text, nullable=False),  # doubtful | done | refused | lost
    sa.Column("note", Text, nullable=False, server_default=""),
    sa.Column("facts", Json, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
seen_activity = _row(
    "seen_activity",
    sa.Column("id", Text, primary_key=True),
    sa.Column("case_id", Text, nullable=False, index=True),
    sa.Column("verdict", Text, nullable=False),
    sa.Column("why", Text, nullable=False),
    sa.Column("state", Json, nullable=False),
    sa.Column("entry_id", Key),
    sa.Column("at", Moment, nullable=False),
)
