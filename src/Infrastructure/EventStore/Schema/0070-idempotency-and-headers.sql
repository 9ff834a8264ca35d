-- Requests that were answered and must not have their effect again: beside the events they led to, in their transaction.
-- A row lives a day. It holds no key, no request and no readable answer: the key's hash is salted with the account, the
-- fingerprint of the request is keyed with the key, and the answer is sealed with a key that the database does not have.
create table eventfiles.idempotency_keys (
    tenant_id text not null,
    key_hash bytea not null,
    fingerprint bytea not null,
    answer bytea not null,
    -- Of the last event; 0 when it was already so.
    position bigint not null,
    answered_at timestamptz not null,
    primary key (tenant_id, key_hash)
);

create index idempotency_keys_age on eventfiles.idempotency_keys (answered_at);

-- Appends what transactions decided, in one call: all of it or nothing. Usually one transaction's; under load those of
-- several that waited, which then share a round trip and a commit. Raises EF001 when a stream is not at its expected
-- version (the hint is its name, or nothing when it is one of the new ones), EF002 when a claim is taken or a scope not
-- empty (the hint is the claim's index, from 0), EF003 when a request was answered before (the hint is the key's index) and
-- EF004 when a stream that is written to is archived (the hint is its name).
--
-- Streams come first. First, because readers settle a gap in the numbers by waiting for whoever holds a lock for writing
-- on mt_streams: a writer must hold it before it draws a number. Sorted by name (the caller does that), because two
-- writers that lock the same rows in different orders wait for each other. A stream that was only read (becomes =
-- expected) is locked against change until the commit; one that does not exist has no row to lock, so its name is locked.
--
-- A claim with a scope and no key asks that nobody holds anything in the scope. Whoever claims in a scope that can be
-- closed has the stream it belongs to locked against change, and whoever closes it changes that stream. So the question,
-- asked after all locks are taken, sees every claim that was made (each statement of a function sees what was committed
-- before it began), and a claim that comes later finds the stream changed.
--
-- New since 0060: headers, and keys of requests. Keys come last, sorted, when the positions are known: whoever brings a key
-- that another transaction is bringing waits for its end. The function of 0060, with fewer arguments, stays for nodes of
-- the version before, while they are replaced one after the other.
create function eventfiles.append_together(
    -- by transaction
    moments timestamptz[], actors varchar[], correlations varchar[], causations varchar[], headers jsonb[],
    -- by stream that is there; by new stream; by stream that was asked for and is not there
    old_streams varchar[], old_expected bigint[], old_becomes bigint[], old_owners int[],
    new_streams varchar[], new_becomes bigint[], new_tenants varchar[], new_owners int[],
    absent_streams varchar[],
    -- by event; an owner is the index of a transaction, from 1
    event_owners int[], event_ids uuid[], event_streams varchar[], event_tenants varchar[], event_versions bigint[],
    event_types varchar[], event_bodies jsonb[],
    -- by event that tells of a person: its index, from 1
    private_events int[], private_salts bytea[], private_fields bytea[],
    -- by claim
    holders text[], scopes text[], keys text[], claim_tenants text[],
    -- by key of a request
    key_owners int[], key_tenants text[], key_hashes bytea[], key_fingerprints bytea[], key_answers bytea[])
returns bigint[]
language plpgsql
as $$
declare
    positions bigint[];
    made int;
begin
    -- Those who go together need not wait for the lock that one of them needs: refused, each goes alone.
    if cardinality(moments) > 1 then
        perform set_config('lock_timeout', '100ms', true);
    end if;

    for i in 1 .. cardinality(old_streams) loop
        if old_becomes[i] > old_expected[i] then
            update public.mt_streams set version = old_becomes[i], timestamp = moments[old_owners[i]]
            where id = old_streams[i] and version = old_expected[i] and is_archived is not true;
        else
            perform from public.mt_streams where id = old_streams[i] and version = old_expected[i] for share;
        end if;
        if not found then
            perform from public.mt_streams where id = old_streams[i] and version = old_expected[i] and is_archived;
            if found then
                raise exception 'A stream is archived.' using errcode = 'EF004', hint = old_streams[i];
            end if;
            raise exception 'A stream has changed.' using errcode = 'EF001', hint = old_streams[i];
        end if;
    end loop;

    if cardinality(new_streams) > 0 then
        perform pg_advisory_xact_lock(17734, hashtext(name)) from unnest(new_streams) as new (name);
        insert into public.mt_streams (id, version, timestamp, created, tenant_id)
        select name, becomes, moments[owner], moments[owner], tenant
        from unnest(new_streams, new_becomes, new_tenants, new_owners) as new (name, becomes, tenant, owner)
        on conflict (id) do nothing;
        get diagnostics made = row_count;
        if made < cardinality(new_streams) then
            raise exception 'A stream is not new.' using errcode = 'EF001';
        end if;
    end if;

    for i in 1 .. cardinality(absent_streams) loop
        perform pg_advisory_xact_lock_shared(17734, hashtext(absent_streams[i]));
        perform from public.mt_streams where id = absent_streams[i];
        if found then
            raise exception 'A stream has come to be.' using errcode = 'EF001', hint = absent_streams[i];
        end if;
    end loop;

    -- A loop of simple expressions: a query here would cost a third of the whole call.
    for i in 1 .. cardinality(event_ids) loop
        positions[i] := nextval('public.mt_events_sequence');
    end loop;

    insert into public.mt_events
        (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, correlation_id, causation_id, headers,
        user_name)
    select
        e.position, e.id, e.stream, e.version, e.body, e.type, moments[e.owner], e.tenant,
        correlations[e.owner], causations[e.owner], headers[e.owner], actors[e.owner]
    from unnest(positions, event_owners, event_ids, event_streams, event_tenants, event_versions, event_types, event_bodies)
        as e (position, owner, id, stream, tenant, version, type, body);

    if cardinality(private_events) > 0 then
        insert into eventfiles.event_private (seq_id, tenant_id, salt, fields)
        select positions[p.event], event_tenants[p.event], p.salt, p.fields
        from unnest(private_events, private_salts, private_fields) as p (event, salt, fields);
    end if;

    if cardinality(holders) > 0 then
        delete from eventfiles.claims where holder = any (holders);
        insert into eventfiles.claims (holder, scope, key, tenant_id)
        select c.holder, c.scope, c.key, c.tenant
        from unnest(holders, scopes, keys, claim_tenants) as c (holder, scope, key, tenant)
        where c.key is not null
        on conflict (scope, key) do nothing;
        get diagnostics made = row_count;
        if made < cardinality(array_remove(keys, null)) then
            raise exception 'A claim is taken.' using errcode = 'EF002', hint = (
                select (c.number - 1)::text
                from unnest(holders, scopes, keys) with ordinality as c (holder, scope, key, number)
                where c.key is not null and not exists (
                    select from eventfiles.claims h where h.scope = c.scope and h.key = c.key and h.holder = c.holder)
                order by c.number limit 1);
        end if;
        for i in 1 .. cardinality(holders) loop
            if scopes[i] is not null and keys[i] is null then
                perform from eventfiles.claims where scope = scopes[i] limit 1;
                if found then
                    raise exception 'A scope is not empty.' using errcode = 'EF002', hint = (i - 1)::text;
                end if;
            end if;
        end loop;
    end if;

    if cardinality(key_hashes) > 0 then
        insert into eventfiles.idempotency_keys (tenant_id, key_hash, fingerprint, answer, position, answered_at)
        select
            k.tenant, k.hash, k.fingerprint, k.answer,
            (select max(e.position) from unnest(positions, event_owners) as e (position, owner) where e.owner = k.owner),
            moments[k.owner]
        from unnest(key_owners, key_tenants, key_hashes, key_fingerprints, key_answers)
            as k (owner, tenant, hash, fingerprint, answer)
        on conflict (tenant_id, key_hash) do nothing;
        get diagnostics made = row_count;
        if made < cardinality(key_hashes) then
            -- No two answers are sealed alike.
            raise exception 'A request was answered before.' using errcode = 'EF003', hint = (
                select (k.number - 1)::text
                from unnest(key_tenants, key_hashes, key_answers) with ordinality as k (tenant, hash, answer, number)
                where not exists (
                    select from eventfiles.idempotency_keys h
                    where h.tenant_id = k.tenant and h.key_hash = k.hash and h.answer = k.answer)
                order by k.number limit 1);
        end if;
    end if;

    return positions;
end
$$;
