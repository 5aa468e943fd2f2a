"""The tables of the to-do list: lanes, their jobs, and each attempt at one."""

import sqlalchemy as sa

from gateway.store.types import Json, Key, Moment, Text, table

_LIVE = sa.text("pending > 0")
_LEASED = sa.text("token IS NOT NULL")
_OPEN = sa.text("state IN ('todo', 'aside')")
_KEYED = sa.text("key IS NOT NULL AND state IN ('todo', 'aside')")
_ENDED = sa.text("ended IS NOT NULL")
_ASIDE = sa.text("state = 'aside'")

lane = table(
    "lane",
    sa.Column("key", Text, primary_key=True),
    sa.Column("step", Text, nullable=False),
    sa.Column("pending", sa.Integer, nullable=False, server_default="0"),  # jobs to do in it, and one that holds it
    sa.Column("due", Moment),  # of its head; while leased, when the lease ends; NULL: blocked until a person acts
    sa.Column("token", Text),  # the lease and fencing token
    sa.Column("node", Text),
    sa.Column("job_id", Key),  # in hand
    sa.Column("lost", sa.Integer, nullable=False, server_default="0"),  # hands that died holding it
    # Its few rows change all the time: room for new versions on the same page, and an eager vacuum.
    postgresql_with={"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0.01},
)
sa.Index("ix_lane_due", lane.c.step, lane.c.due, postgresql_where=_LIVE, sqlite_where=_LIVE)
sa.Index("ix_lane_token", lane.c.token, postgresql_where=_LEASED, sqlite_where=_LEASED)

job = table(
    "job",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("lane", Text, nullable=False),
    sa.Column("step", Text, nullable=False),
    sa.Column("subject", Text, nullable=False),
    sa.Column("key", Text),  # at most one open job has it
    sa.Column("state", Text, nullable=False),  # todo | aside | done | dropped
    sa.Column("holds_lane", sa.Boolean, nullable=False, server_default=sa.false()),  # aside, and nothing may pass it
    sa.Column("due", Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # that failed, its partner being there
    sa.Column("error", Text, nullable=False, server_default=""),
    sa.Column("data", Json, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("ended", Moment),
    sqlite_autoincrement=True,  # an id is never given twice: ids of a lane rise for ever
)
sa.Index("ix_job_lane", job.c.lane, job.c.id, postgresql_where=_OPEN, sqlite_where=_OPEN)
sa.Index("ix_job_aside", job.c.state, postgresql_where=_ASIDE, sqlite_where=_ASIDE)
sa.Index("uq_job_key", job.c.key, unique=True, postgresql_where=_KEYED, sqlite_where=_KEYED)
sa.Index("ix_job_subject", job.c.subject)
sa.Index("ix_job_ended", job.c.ended, postgresql_where=_ENDED, sqlite_where=_ENDED)

attempt = table(
    "attempt",
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("job_id", Key, nullable=False, index=True),
    sa.Column("token", Text, nullable=False),  # whoever has written this row has ended the job under this lease
    sa.Column("node", Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("outcome", Text, nullable=False),  # done | put back | aside
    sa.Column("error", Text, nullable=False, server_default=""),
    sa.Column("ms", sa.Integer, nullable=False),
)
