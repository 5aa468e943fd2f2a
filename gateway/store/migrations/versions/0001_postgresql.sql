CREATE TABLE account (
	name TEXT NOT NULL, 
	password TEXT NOT NULL, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (name)
);
CREATE TABLE arrival (
	id BIGSERIAL NOT NULL, 
	mailbox TEXT NOT NULL, 
	door TEXT NOT NULL, 
	envelope JSONB NOT NULL, 
	received TIMESTAMP WITH TIME ZONE NOT NULL, 
	history BOOLEAN DEFAULT false NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	raw BYTEA, 
	place TEXT, 
	message_id TEXT, 
	content TEXT, 
	conversation_id TEXT, 
	entry_id BIGINT, 
	evidence JSONB, 
	fate TEXT, 
	reasons JSONB, 
	fate_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_arrival PRIMARY KEY (id), 
	CONSTRAINT uq_arrival_place UNIQUE (place)
);
CREATE INDEX ix_arrival_conversation_id ON arrival (conversation_id);
CREATE INDEX ix_arrival_fate ON arrival (fate);
CREATE INDEX ix_arrival_message_id ON arrival (message_id);
CREATE INDEX ix_arrival_open ON arrival (fate) WHERE fate IS NULL;
CREATE INDEX ix_arrival_received ON arrival (received);
CREATE INDEX ix_arrival_same ON arrival (mailbox, sha256);
CREATE TABLE attempt (
	id BIGSERIAL NOT NULL, 
	job_id BIGINT NOT NULL, 
	token TEXT NOT NULL, 
	node TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	outcome TEXT NOT NULL, 
	error TEXT DEFAULT '' NOT NULL, 
	ms INTEGER NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (id)
);
CREATE INDEX ix_attempt_job_id ON attempt (job_id);
CREATE TABLE blob_chunk (
	sha256 TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	bytes BYTEA NOT NULL, 
	stored TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_blob_chunk PRIMARY KEY (sha256, position)
);
CREATE TABLE "case" (
	id TEXT NOT NULL, 
	number TEXT DEFAULT '' NOT NULL, 
	customer_id BIGINT NOT NULL, 
	mailbox TEXT NOT NULL, 
	conversation_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	seen JSONB NOT NULL, 
	written JSONB NOT NULL, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	checked TIMESTAMP WITH TIME ZONE, 
	changed TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_case PRIMARY KEY (id)
);
CREATE INDEX ix_case_customer_id ON "case" (customer_id);
CREATE TABLE conversation (
	id TEXT NOT NULL, 
	mailbox TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	customer_id BIGINT NOT NULL, 
	address TEXT NOT NULL, 
	name TEXT NOT NULL, 
	verified BOOLEAN DEFAULT false NOT NULL, 
	state TEXT NOT NULL, 
	held TEXT NOT NULL, 
	held_why TEXT DEFAULT '' NOT NULL, 
	anchor TEXT NOT NULL, 
	case_id TEXT, 
	parent_id TEXT, 
	answers INTEGER DEFAULT '0' NOT NULL, 
	understanding JSONB, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_conversation PRIMARY KEY (id)
);
CREATE INDEX ix_conversation_case_id ON conversation (case_id);
CREATE INDEX ix_conversation_changed ON conversation (changed);
CREATE INDEX ix_conversation_customer_id ON conversation (customer_id);
CREATE TABLE counter (
	name TEXT NOT NULL, 
	node TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_counter PRIMARY KEY (name, node)
);
CREATE TABLE customer (
	id BIGSERIAL NOT NULL, 
	name TEXT NOT NULL, 
	contact_id TEXT, 
	contact_note TEXT, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_customer PRIMARY KEY (id)
);
CREATE TABLE customer_address (
	address TEXT NOT NULL, 
	customer_id BIGINT NOT NULL, 
	CONSTRAINT pk_customer_address PRIMARY KEY (address)
);
CREATE INDEX ix_customer_address_customer_id ON customer_address (customer_id);
CREATE TABLE delivery (
	id BIGSERIAL NOT NULL, 
	entry_id BIGINT, 
	conversation_id TEXT, 
	mailbox TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	recipients JSONB NOT NULL, 
	raw BYTEA, 
	blob TEXT, 
	size BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	seen BIGINT, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_delivery PRIMARY KEY (id)
);
CREATE INDEX ix_delivery_conversation_id ON delivery (conversation_id);
CREATE INDEX ix_delivery_created ON delivery (created);
CREATE INDEX ix_delivery_entry_id ON delivery (entry_id);
CREATE INDEX ix_delivery_state ON delivery (state);
CREATE UNIQUE INDEX uq_delivery_message_id ON delivery (message_id, mailbox);
CREATE TABLE entry (
	id BIGSERIAL NOT NULL, 
	conversation_id TEXT NOT NULL, 
	key TEXT NOT NULL, 
	author TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	arrived TIMESTAMP WITH TIME ZONE NOT NULL, 
	arrival_id BIGINT, 
	message_id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	sender JSONB NOT NULL, 
	text TEXT NOT NULL, 
	rest JSONB NOT NULL, 
	searchable TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_entry PRIMARY KEY (id), 
	CONSTRAINT uq_entry_key UNIQUE (key)
);
CREATE INDEX ix_entry_conversation_id ON entry (conversation_id);
CREATE TABLE handoff (
	id BIGSERIAL NOT NULL, 
	conversation_id TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	reason TEXT NOT NULL, 
	by TEXT NOT NULL, 
	understanding JSONB NOT NULL, 
	CONSTRAINT pk_handoff PRIMARY KEY (id)
);
CREATE INDEX ix_handoff_conversation_id ON handoff (conversation_id);
CREATE TABLE history (
	id BIGSERIAL NOT NULL, 
	conversation_id TEXT, 
	arrival_id BIGINT, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	what TEXT NOT NULL, 
	facts JSONB NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id)
);
CREATE INDEX ix_history_arrival_id ON history (arrival_id);
CREATE INDEX ix_history_conversation_id ON history (conversation_id);
CREATE TABLE installation (
	id SERIAL NOT NULL, 
	uuid TEXT NOT NULL, 
	secret BYTEA NOT NULL, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_installation PRIMARY KEY (id)
);
CREATE TABLE job (
	id BIGSERIAL NOT NULL, 
	lane TEXT NOT NULL, 
	step TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	key TEXT, 
	state TEXT NOT NULL, 
	holds_lane BOOLEAN DEFAULT false NOT NULL, 
	due TIMESTAMP WITH TIME ZONE NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	error TEXT DEFAULT '' NOT NULL, 
	data JSONB NOT NULL, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_job PRIMARY KEY (id)
);
CREATE INDEX ix_job_aside ON job (state) WHERE state = 'aside';
CREATE INDEX ix_job_ended ON job (ended) WHERE ended IS NOT NULL;
CREATE INDEX ix_job_lane ON job (lane, id) WHERE state IN ('todo', 'aside');
CREATE INDEX ix_job_subject ON job (subject);
CREATE UNIQUE INDEX uq_job_key ON job (key) WHERE key IS NOT NULL AND state IN ('todo', 'aside');
CREATE TABLE known_id (
	mailbox TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	conversation_id TEXT NOT NULL, 
	entry_id BIGINT, 
	ours BOOLEAN NOT NULL, 
	people JSONB NOT NULL, 
	CONSTRAINT pk_known_id PRIMARY KEY (mailbox, message_id)
);
CREATE INDEX ix_known_id_conversation_id ON known_id (conversation_id);
CREATE TABLE known_mailbox (
	address TEXT NOT NULL, 
	settings JSONB NOT NULL, 
	last_in_file TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_known_mailbox PRIMARY KEY (address)
);
CREATE TABLE lane (
	key TEXT NOT NULL, 
	step TEXT NOT NULL, 
	pending INTEGER DEFAULT '0' NOT NULL, 
	due TIMESTAMP WITH TIME ZONE, 
	token TEXT, 
	node TEXT, 
	job_id BIGINT, 
	lost INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_lane PRIMARY KEY (key)
)
 WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX ix_lane_due ON lane (step, due) WHERE pending > 0;
CREATE INDEX ix_lane_token ON lane (token) WHERE token IS NOT NULL;
CREATE TABLE ledger (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	case_id TEXT, 
	conversation_id TEXT, 
	entry_id BIGINT, 
	state TEXT NOT NULL, 
	note TEXT DEFAULT '' NOT NULL, 
	facts JSONB NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (id)
);
CREATE INDEX ix_ledger_case_id ON ledger (case_id);
CREATE INDEX ix_ledger_conversation_id ON ledger (conversation_id);
CREATE TABLE login (
	token TEXT NOT NULL, 
	account TEXT NOT NULL, 
	created TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_login PRIMARY KEY (token)
);
CREATE TABLE mark (
	name TEXT NOT NULL, 
	value JSONB NOT NULL, 
	at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_mark PRIMARY KEY (name)
);
CREATE TABLE merged (
	conversation_id TEXT NOT NULL, 
	into_id TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_merged PRIMARY KEY (conversation_id)
);
CREATE INDEX ix_merged_into_id ON merged (into_id);
CREATE TABLE notice (
	key TEXT NOT NULL, 
	text TEXT NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	told TIMESTAMP WITH TIME ZONE, 
	cleared TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_notice PRIMARY KEY (key)
);
CREATE TABLE outlook_thread (
	mailbox TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	conversation_id TEXT NOT NULL, 
	CONSTRAINT pk_outlook_thread PRIMARY KEY (mailbox, thread, conversation_id)
);
CREATE INDEX ix_outlook_thread_conversation_id ON outlook_thread (conversation_id);
CREATE TABLE participant (
	conversation_id TEXT NOT NULL, 
	address TEXT NOT NULL, 
	name TEXT NOT NULL, 
	trust TEXT NOT NULL, 
	confirmed BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_participant PRIMARY KEY (conversation_id, address)
);
CREATE INDEX ix_participant_address ON participant (address);
CREATE TABLE pause (
	what TEXT NOT NULL, 
	mailbox TEXT NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	by TEXT NOT NULL, 
	CONSTRAINT pk_pause PRIMARY KEY (what, mailbox)
);
CREATE TABLE seen_activity (
	id TEXT NOT NULL, 
	case_id TEXT NOT NULL, 
	verdict TEXT NOT NULL, 
	why TEXT NOT NULL, 
	state JSONB NOT NULL, 
	entry_id BIGINT, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_seen_activity PRIMARY KEY (id)
);
CREATE INDEX ix_seen_activity_case_id ON seen_activity (case_id);
