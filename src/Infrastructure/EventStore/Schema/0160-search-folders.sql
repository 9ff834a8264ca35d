-- Who was given which folder, so that what is in it, and in folders below, is found by them (ADR 73). It follows from the log
-- alone, beside the views of search-folders; it holds no name.
create table eventfiles.search_folders (
    generation int not null,
    folder_id uuid not null,
    parent_id uuid not null,
    -- Accounts and groups. A hint, as in search_rows: the rules decide.
    readers uuid[] not null,
    primary key (generation, folder_id)
);
create index search_folders_readers on eventfiles.search_folders using gin (readers);
create index search_folders_parent on eventfiles.search_folders (parent_id);
create index search_rows_folder on eventfiles.search_rows (folder_id);
