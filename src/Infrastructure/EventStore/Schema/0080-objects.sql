-- What is in the bucket of an S3 server. A row comes before the first byte and goes after the last: whatever a crash leaves
-- in the bucket, a row tells of it. Names in the bucket are never used twice, so the row alone says which bytes count.

-- The bucket bears this id too: two installations that are told to use the same place find out before one removes what
-- the other stored.
create table eventfiles.object_store (
    id uuid not null default gen_random_uuid(),
    is_only boolean primary key default true check (is_only)
);
insert into eventfiles.object_store default values;

-- One write of an object. writing: on its way; growing: by appends; sealed: readers see it; doomed: its bytes go.
create table eventfiles.object_writes (
    write uuid primary key,
    key text collate "C" not null,
    state text not null check (state in ('writing', 'growing', 'sealed', 'doomed')),
    -- More than the one name may belong to it: parts, or pieces.
    is_large boolean not null,
    -- The server's name for the parts under way.
    multipart text null,
    -- Of a sealed one: 0 for the write's own name, else the number of the piece that is the whole object.
    piece int not null default 0,
    size_bytes bigint not null default 0,
    etag text null,
    sha256 text null,
    -- CRC-32C of every 256 KiB, four bytes each.
    checks bytea not null default '',
    -- Names of its parts and pieces may be left over, which its writer is about to remove.
    is_untidy boolean not null default false,
    -- When it was last written to, or doomed; while writing, when its writer last said that it lives.
    stored_at timestamptz not null default clock_timestamp()
);
create unique index object_writes_sealed on eventfiles.object_writes (key) where state = 'sealed';
create unique index object_writes_growing on eventfiles.object_writes (key) where state = 'growing';
create index object_writes_key on eventfiles.object_writes (key);
create index object_writes_leftover on eventfiles.object_writes (stored_at)
    where state in ('writing', 'doomed') or is_untidy;

-- What a growing object consists of besides its parts.
create table eventfiles.object_growth (
    write uuid primary key references eventfiles.object_writes on delete cascade,
    -- The append that may move the length: the last one that began. Any other finds itself overtaken.
    writer uuid null,
    -- Numbers are used once: what an overtaken append still sends has a number that nobody reads.
    next_part int not null default 1,
    next_piece int not null default 1,
    parts_bytes bigint not null default 0,
    -- What is too little for a part stands in an object of its own.
    piece int not null default 0,
    piece_bytes bigint not null default 0,
    piece_etag text not null default '',
    piece_checks bytea not null default '',
    -- SHA-256 over all that is durable, in the middle of its work.
    digest bytea not null,
    is_closing boolean not null default false
);

create table eventfiles.object_parts (
    write uuid not null references eventfiles.object_writes on delete cascade,
    number int not null,
    size_bytes bigint not null,
    etag text not null,
    checks bytea not null,
    -- False: stored, but its writer died or was overtaken before it could say so. Known only when a server refuses to make
    -- an object without it.
    counts boolean not null default true,
    primary key (write, number)
);

-- Makes readers see a write, and in the same moment no other of the key. Raises EF003 when the write was given up
-- meanwhile. Returns the writes whose bytes may go.
create function eventfiles.publish_object(
    written uuid, from_state text, at_piece int, bytes bigint, tag text, sum text, block_checks bytea, out stored timestamptz,
    out replaced uuid[])
language plpgsql
as $$
declare
    of_key text;
begin
    select key into of_key from eventfiles.object_writes where write = written;
    perform pg_advisory_xact_lock(17735, hashtext(of_key));
    with old as (
        update eventfiles.object_writes set state = 'doomed', stored_at = clock_timestamp()
        where key = of_key and state = 'sealed' and write <> written
        returning write)
    select array_agg(write) into replaced from old;

    stored := clock_timestamp();
    update eventfiles.object_writes
    set state = 'sealed', piece = at_piece, size_bytes = bytes, etag = tag, sha256 = sum, stored_at = stored,
        is_untidy = is_large,
        checks = coalesce(block_checks, (
            select string_agg(p.checks, '' order by p.number) from eventfiles.object_parts p
            where p.write = written and p.counts), '')
    where write = written and state = from_state;
    if not found then
        raise exception 'The write was given up.' using errcode = 'EF003';
    end if;
    delete from eventfiles.object_parts where write = written;
    delete from eventfiles.object_growth where write = written;
end
$$;
