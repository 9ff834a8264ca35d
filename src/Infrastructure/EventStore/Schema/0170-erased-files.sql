-- The journal names files too: what one was must stay away, also after a restore. Whose it was; null for persons.
alter table eventfiles.destroyed_keys add column owner uuid null;
