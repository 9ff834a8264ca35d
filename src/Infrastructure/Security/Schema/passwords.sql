-- Password hashes by holder (account-…, link-…). No event, view or log holds one.
create schema if not exists eventfiles;

create table if not exists eventfiles.passwords (
    holder text collate "C" primary key,
    hash text not null,
    changed_at timestamptz not null default now()
);
