-- What an event tells of a person. Deleting the row erases it: the public event keeps only a salted commitment.
create table eventfiles.event_private (
    seq_id bigint primary key,
    tenant_id text not null,
    salt bytea not null,
    fields bytea not null
);

-- Things that are unique at once, in the transaction of the events that claim them. One claim to a holder.
create table eventfiles.claims (
    holder text collate "C" primary key,
    scope text collate "C" not null,
    key text collate "C" not null,
    tenant_id text not null,
    unique (scope, key)
);
