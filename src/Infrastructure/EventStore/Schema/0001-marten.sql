-- Marten's event tables (9.x, streams identified by text), so that Marten can open this database and read every stream.
-- It drops what it does not know on its own tables: columns and indexes of ours stand in the schema eventfiles.
-- Collation "C": names are compared byte by byte, so a range of names is an index range under every database locale.

create table if not exists public.mt_streams (
    id varchar collate "C" not null,
    type varchar null,
    version bigint null,
    timestamp timestamptz not null default now(),
    created timestamptz not null default now(),
    tenant_id varchar default '*DEFAULT*',
    is_archived boolean default false,
    constraint pkey_mt_streams_id primary key (id)
);

create table if not exists public.mt_events (
    seq_id bigint not null,
    id uuid not null,
    stream_id varchar collate "C",
    version bigint not null,
    data jsonb not null,
    bdata bytea null,
    type varchar(500) not null,
    timestamp timestamptz not null,
    tenant_id varchar default '*DEFAULT*',
    mt_dotnet_type varchar null,
    correlation_id varchar null,
    causation_id varchar null,
    headers jsonb null,
    user_name varchar null,
    is_archived boolean default false,
    constraint pkey_mt_events_seq_id primary key (seq_id),
    constraint fkey_mt_events_stream_id foreign key (stream_id) references public.mt_streams (id) on delete cascade
);

create unique index if not exists pk_mt_events_stream_and_version on public.mt_events (stream_id, version);

create sequence if not exists public.mt_events_sequence;
alter sequence public.mt_events_sequence owned by public.mt_events.seq_id;

create table if not exists public.mt_event_progression (
    name varchar not null,
    last_seq_id bigint null,
    last_updated timestamptz default transaction_timestamp(),
    constraint pk_mt_event_progression primary key (name)
);
