-- Whose key was destroyed. Holds nothing personal: ids that say nothing without the keys. Never deleted from: after a restore
-- it is applied again, and no new key is made for whom it names.
create table eventfiles.destroyed_keys (
    subject uuid primary key,
    -- Null when the person never had one.
    id uuid null,
    -- The era whose key wrapped it; old copies of the database can open it as long as that one is there.
    era uuid null,
    destroyed_at timestamptz not null default clock_timestamp()
);

-- From ended_at on nothing new is wrapped under an era's key; from destroyed_at on the key is nowhere.
alter table eventfiles.era_keys add column ended_at timestamptz null, add column destroyed_at timestamptz null;
