-- What operators see of the projections and what they wish of them. Nodes read the wishes and report; commands and the
-- operator's API do the reverse. Losing a row loses a wish, never a view.
create table eventfiles.projection_shards (
    name text primary key,

    -- Wishes.
    paused boolean not null default false,
    rebuild text null check (rebuild in ('switch', 'diff')),
    asked_at timestamptz null,
    switch_asked boolean not null default false,
    discard_asked boolean not null default false,
    compare_asked text null check (compare_asked in ('paths', 'values')),
    retry_asked boolean not null default false,

    -- Reports.
    state text not null default 'unheld',
    version int not null default 0,
    live int not null default 0,
    shadow int null,
    position bigint not null default 0,
    shadow_position bigint null,
    target bigint not null default 0,
    rate double precision null,
    begun_at timestamptz null,
    ended_at timestamptz null,
    live_digest text null,
    shadow_digest text null,
    compared_at bigint null,
    differences int null,
    error text null,
    node text null,
    reported_at timestamptz null
);

-- How a shadow differs from the live views: what a comparison found, until the next one. Values stand here only while an
-- operator who asked for them reads them.
create table eventfiles.projection_differences (
    projection text not null,
    ordinal int not null,
    key text not null,
    paths text[] not null,
    live_hash text null,
    shadow_hash text null,
    live_position bigint null,
    shadow_position bigint null,
    live_value text null,
    shadow_value text null,
    primary key (projection, ordinal)
);

-- Events that a subscriber could not take. What follows in the same stream waits behind the first of them.
create table eventfiles.parked_events (
    subscriber text not null,
    generation int not null,
    stream text collate "C" not null,
    version bigint not null,
    position bigint not null,
    stored_name text not null,
    error text not null,
    tries int not null,
    at timestamptz not null,
    primary key (subscriber, generation, position)
);
