-- Keys of persons and of the times in which they are wrapped. What unwraps them is never in a database.
create table eventfiles.era_keys (
    -- Follows from the key.
    id uuid primary key,
    begun_at timestamptz not null default clock_timestamp()
);

create table eventfiles.subject_keys (
    -- Stands in the headers of objects.
    id uuid primary key,
    subject uuid not null unique,
    era uuid not null references eventfiles.era_keys,
    -- Nonce, ciphertext, tag.
    wrapped bytea not null,
    created_at timestamptz not null default clock_timestamp()
);

-- Encrypted objects that grow. The row alone says how long one is: what the object store has beyond it is a gap.
create table eventfiles.encrypted_growths (
    key text collate "C" primary key,
    header bytea not null,
    -- Whole segments that count, and where they lie: pairs of eight bytes, a segment and the slot of 64 KiB it lies in.
    segments bigint not null default 0,
    runs bytea not null default '',
    -- Behind the last slot that counts.
    slots bigint not null default 0,
    -- Plain bytes that came.
    size_bytes bigint not null default 0,
    -- Encrypted: the digest in the middle of its work, and what is too little for a segment.
    beside bytea not null,
    -- Grows with every change: of two that changed the same, one finds out.
    version bigint not null default 1,
    -- The last segment is stored, and nothing may be added.
    is_closing boolean not null default false,
    changed_at timestamptz not null default clock_timestamp()
);
