-- The log as a Merkle tree (RFC 6962). It follows from the events and the key that signs it; what was signed stays.

-- Up to where it has come: one row, under whose lock everything else here is written.
create table eventfiles.log_tree (
    is_only boolean primary key default true check (is_only),
    size bigint not null default 0,
    position bigint not null default 0
);
insert into eventfiles.log_tree default values;

-- Up to 256 neighbouring hashes. A tile grows at its end until it is full, and what is in it never changes.
create table eventfiles.log_tiles (
    level smallint not null,
    number bigint not null,
    hashes bytea not null,
    primary key (level, number)
);

-- Which leaf an event is. Positions have gaps, leaves have none.
create table eventfiles.log_leaves (
    leaf bigint primary key,
    position bigint not null,
    event_id uuid not null unique
);

create table eventfiles.log_checkpoints (
    size bigint primary key,
    note text not null,
    -- Lines of witnesses, to be read behind the note.
    cosignatures text not null default '',
    signed_at timestamptz not null
);
