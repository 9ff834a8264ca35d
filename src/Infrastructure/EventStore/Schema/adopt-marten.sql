-- Empty tables that Marten made are ours from now on. It leaves names to the database's language, we compare them byte by
-- byte. The foreign key goes while the types of its two ends differ.
alter table public.mt_events drop constraint fkey_mt_events_stream_id;
alter table public.mt_streams alter column id type varchar collate "C";
alter table public.mt_events alter column stream_id type varchar collate "C";
alter table public.mt_events add constraint fkey_mt_events_stream_id
    foreign key (stream_id) references public.mt_streams (id) on delete cascade;
