-- Views in the database, in generations as in memory and in Redis; and what is searched in, beside the views that it follows
-- from. All of it but search_texts follows from the log alone: emptied, it is made again. search_texts follows from objects,
-- which are read again when a row is missing. All of it holds names: erasure empties an owner's rows.
create table eventfiles.view_stores (
    projection text collate "C" primary key,
    -- Who opened it last, and alone may write.
    writer text not null,
    -- Generations are counted and no number is used twice.
    last_number int not null,
    -- What views are made with besides events; when it changes they are made anew.
    settings text not null
);

create table eventfiles.view_generations (
    projection text collate "C" not null,
    number int not null,
    version int not null,
    position bigint not null default 0,
    is_live boolean not null,
    is_whole boolean not null default false,
    primary key (projection, number)
);
create unique index view_generations_live on eventfiles.view_generations (projection, is_live);

create table eventfiles.views (
    projection text collate "C" not null,
    generation int not null,
    key text collate "C" not null,
    position bigint not null,
    -- As it was written: digests are made of these bytes.
    view bytea not null,
    primary key (projection, generation, key)
);

create table eventfiles.view_places (
    projection text collate "C" not null,
    generation int not null,
    index_name text collate "C" not null,
    -- UTF-8: their order is the order of places.
    sort bytea not null,
    key text collate "C" not null,
    primary key (projection, generation, index_name, sort, key)
);
create index view_places_key on eventfiles.view_places (projection, generation, key);

create table eventfiles.search_rows (
    generation int not null,
    file_id uuid not null,
    owner_id uuid not null,
    -- The owner, and with whom it is shared: a hint that spares most looks at who may read. The rules decide.
    readers uuid[] not null,
    tags uuid[] not null,
    name text not null,
    folder_id uuid not null,
    content_type text collate "C" not null,
    size_bytes bigint not null,
    modified_at timestamptz not null,
    version int not null,
    is_trashed boolean not null,
    -- Where the current version's text is; null when there is none.
    text_key text null,
    document tsvector not null,
    primary key (generation, file_id)
);
create index search_rows_found on eventfiles.search_rows using gin (readers, document, tags);
create index search_rows_file on eventfiles.search_rows (file_id);

create table eventfiles.search_texts (
    file_id uuid primary key,
    owner_id uuid not null,
    version int not null,
    -- What hits are shown with.
    body text not null,
    -- What is searched in.
    folded text not null
);
