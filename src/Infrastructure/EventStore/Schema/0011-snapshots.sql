-- States of long streams, so that nobody reads such a stream from its beginning. Everything here follows from the events
-- and may be deleted at any time; a state may tell of a person, so erasure deletes the tenant's rows. The event that the
-- state was folded up to is named by its id: after a restored backup its version may be another event's, or nobody's.
create table eventfiles.snapshots (
    stream_id text collate "C",
    name text,
    state_version int not null,
    version bigint not null,
    event_id uuid not null,
    state json not null,
    tenant_id text not null,
    taken_at timestamptz not null default now(),
    primary key (stream_id, name)
);

create index snapshots_tenant on eventfiles.snapshots (tenant_id);
