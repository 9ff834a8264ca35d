-- What was. Where views stood in lists, and a view here and there as it was, so that looking back costs no replay of all.
-- Everything in these two tables follows from the log: emptied, it is made again. It holds names, so erasure empties a
-- tenant's rows.
create table eventfiles.past_places (
    index_name text collate "C" not null,
    -- UTF-16, high byte first: bytes then sort as ordinal comparison does, beyond the basic plane too.
    sort bytea not null,
    key text collate "C" not null,
    -- Stood there from the first position on, and no more at the second one.
    from_position bigint not null,
    to_position bigint null,
    group_id text not null,
    tenant_id text not null,
    primary key (index_name, sort, key, from_position)
);

create table eventfiles.past_snapshots (
    projection text collate "C" not null,
    version int not null,
    group_id text collate "C" not null,
    position bigint not null,
    -- Of each stream that tells of the group: how much of it is in here.
    stream_versions bigint[] not null,
    views jsonb not null,
    tenant_id text not null,
    primary key (projection, version, group_id, position)
);

-- The position of the first event at or after which the times are later than the moment; found by halving, because no
-- index of Marten's table knows times. The steps are the same however long the log has grown, and so is the answer.
create function eventfiles.position_about(moment timestamptz) returns bigint
language plpgsql stable as $$
declare
    about bigint := 0;
    happened_at timestamptz;
begin
    for power in reverse 62..0 loop
        select timestamp into happened_at from public.mt_events
        where seq_id >= about + (1::bigint << power) order by seq_id limit 1;
        if found and happened_at <= moment then
            about := about + (1::bigint << power);
        end if;
    end loop;
    return about;
end
$$;

-- The last position whose event bears the moment or an earlier time; 0 when there is none. Times may run against
-- positions: an event is stamped when it is decided and numbered when it is written. As long as no event is stamped
-- earlier than a former one by more than the lateness, the answer is exact.
create function eventfiles.position_at(moment timestamptz, lateness interval) returns bigint
language sql stable as $$
    select coalesce(max(seq_id), 0) from public.mt_events
    where seq_id >= eventfiles.position_about(moment)
      and seq_id <= (
          select seq_id from public.mt_events
          where seq_id >= eventfiles.position_about(moment + lateness) order by seq_id limit 1)
      and timestamp <= moment
$$;
