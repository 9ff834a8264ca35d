-- Password hashes by holder (account-…, link-…). No event, view or log holds one.
-- "If not exists": it was made without a number once.
create table if not exists eventfiles.passwords (
    holder text collate "C" primary key,
    hash text not null,
    changed_at timestamptz not null default now()
);
