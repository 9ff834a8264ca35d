-- All that the application's role may do, whatever it was allowed before. It adds to the log and never changes or removes
-- what is there. It has no right to delete a stream either: that would take the stream's events along.
do $$
declare
    app text := current_setting('eventfiles.application_role');
begin
    if not exists (select from pg_roles where rolname = app) then
        raise exception 'There is no role %.', app using errcode = 'EF010';
    end if;
    if (select rolsuper from pg_roles where rolname = app) or pg_has_role(app, current_user, 'member') then
        raise exception 'The role % could do all that the owner may.', app using errcode = 'EF010';
    end if;

    execute format('revoke temporary on database %I from public', current_database());
    revoke create on schema public from public;
    execute format('revoke all on all tables in schema public, eventfiles from public, %I', app);
    execute format('revoke all on all sequences in schema public, eventfiles from public, %I', app);

    execute format('grant connect on database %I to %I', current_database(), app);
    execute format('grant usage on schema public, eventfiles to %I', app);
    execute format('grant select, insert on public.mt_events to %I', app);
    execute format('grant select, insert, update (version, timestamp) on public.mt_streams to %I', app);
    execute format('grant select, insert, update, delete on public.mt_event_progression to %I', app);
    execute format('grant usage, select on sequence public.mt_events_sequence to %I', app);

    execute format('grant select, insert, update, delete on all tables in schema eventfiles to %I', app);
    execute format('grant usage on all sequences in schema eventfiles to %I', app);
    execute format('grant execute on function eventfiles.archive_stream(varchar, bigint) to %I', app);
    execute format('revoke insert, update, delete on eventfiles.schema_version from %I', app);
    execute format('revoke update on eventfiles.event_private from %I', app);
end
$$;
