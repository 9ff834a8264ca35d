-- Work that was given up. It outlives every process: an operator mends the cause and asks for another try, or discards it.
-- Bodies bear ids, never personal data.
create table eventfiles.dead_letters (
    -- Made of work and body: the same work given up again is the same letter.
    id uuid primary key,
    kind text not null,
    work text not null,
    body text not null,
    owner uuid not null,
    error text not null,
    tries int not null,
    -- How often it was given up: who hands it out anew forgets it as it was then, and not as it has come back since.
    times int not null default 1,
    at timestamptz not null,
    correlation_id text null,
    causation_id text null,
    retry_asked boolean not null default false
);

create index dead_letters_at on eventfiles.dead_letters (at, id);
create index dead_letters_asked on eventfiles.dead_letters (at, id) where retry_asked;

-- What waits and runs on each node, and what the broker holds: reports, of use while they are fresh.
create table eventfiles.work_queues (
    node text not null,
    kind text not null,
    waiting int not null,
    running int not null,
    oldest timestamptz null,
    at_broker bigint null,
    consumers bigint null,
    reported_at timestamptz not null,
    primary key (node, kind)
);
