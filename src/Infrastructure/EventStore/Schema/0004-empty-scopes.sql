-- Appends all that one transaction decided, in one call. Raises EF001 when a stream is not at its expected version and
-- EF002 when a claim is taken or a scope not empty; the hint is the index (from 0) of the stream or claim.
--
-- Streams come first and sorted by name. First, because readers settle a gap in the numbers by waiting for whoever holds
-- a lock for writing on mt_streams: a writer must hold it before it draws a number. Sorted, because two writers that
-- lock the same rows in different orders wait for each other. A stream that was only read (becomes = expected) is locked
-- against change until the commit; one that does not exist has no row to lock, so its name is locked.
--
-- New since 0003: a claim with a scope and no key asks that nobody holds anything in the scope. Whoever claims in a scope
-- that can be closed has the stream it belongs to locked against change, and whoever closes it changes that stream. So
-- the question, asked after all locks are taken, sees every claim that was made (each statement of a function sees what
-- was committed before it began), and a claim that comes later finds the stream changed.
create or replace function eventfiles.append(
    happened_at timestamptz, actor varchar, correlation varchar, causation varchar,
    streams varchar[], tenants varchar[], expected bigint[], becomes bigint[],
    event_ids uuid[], event_streams int[], event_versions bigint[], event_types varchar[], event_bodies jsonb[],
    private_events int[], private_salts bytea[], private_fields bytea[],
    holders text[], scopes text[], keys text[], claim_tenants text[])
returns bigint
language plpgsql
as $$
declare
    current boolean;
    positions bigint[];
begin
    for i in 1 .. cardinality(streams) loop
        if becomes[i] > expected[i] and expected[i] > 0 then
            update public.mt_streams set version = becomes[i], timestamp = happened_at
            where id = streams[i] and version = expected[i];
            current := found;
        elsif becomes[i] > expected[i] then
            perform pg_advisory_xact_lock(17734, hashtext(streams[i]));
            insert into public.mt_streams (id, version, timestamp, created, tenant_id)
            values (streams[i], becomes[i], happened_at, happened_at, tenants[i])
            on conflict (id) do nothing;
            current := found;
        elsif expected[i] > 0 then
            perform from public.mt_streams where id = streams[i] and version = expected[i] for share;
            current := found;
        else
            perform pg_advisory_xact_lock_shared(17734, hashtext(streams[i]));
            perform from public.mt_streams where id = streams[i];
            current := not found;
        end if;
        if not current then
            raise exception 'The stream % is not at version %.', streams[i], expected[i]
                using errcode = 'EF001', hint = (i - 1)::text;
        end if;
    end loop;

    -- A loop of simple expressions: a query here would cost a third of the whole call.
    for i in 1 .. cardinality(event_ids) loop
        positions[i] := nextval('public.mt_events_sequence');
    end loop;

    insert into public.mt_events
        (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, correlation_id, causation_id, user_name)
    select
        e.position, e.id, streams[e.stream], e.version, e.body, e.type, happened_at, tenants[e.stream],
        correlation, causation, actor
    from unnest(positions, event_ids, event_streams, event_versions, event_types, event_bodies)
        as e (position, id, stream, version, type, body);

    if private_events is not null then
        insert into eventfiles.event_private (seq_id, tenant_id, salt, fields)
        select positions[p.event], tenants[event_streams[p.event]], p.salt, p.fields
        from unnest(private_events, private_salts, private_fields) as p (event, salt, fields);
    end if;

    if holders is not null then
        delete from eventfiles.claims where holder = any (holders);
        for i in 1 .. cardinality(holders) loop
            if scopes[i] is not null and keys[i] is not null then
                insert into eventfiles.claims (holder, scope, key, tenant_id)
                values (holders[i], scopes[i], keys[i], claim_tenants[i])
                on conflict (scope, key) do nothing;
                if not found then
                    raise exception 'A claim is taken.' using errcode = 'EF002', hint = (i - 1)::text;
                end if;
            end if;
        end loop;
        for i in 1 .. cardinality(holders) loop
            if scopes[i] is not null and keys[i] is null then
                perform from eventfiles.claims where scope = scopes[i] limit 1;
                if found then
                    raise exception 'A scope is not empty.' using errcode = 'EF002', hint = (i - 1)::text;
                end if;
            end if;
        end loop;
    end if;

    return positions[cardinality(positions)];
end
$$;
