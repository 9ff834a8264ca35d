using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class EventStoreSchemaTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tables_are_Martens()
    {
        await using var store = new Store(await postgres.CreateDatabase());

        Assert.Equal(
            """
            mt_event_progression.last_seq_id bigint
            mt_event_progression.last_updated timestamp with time zone default transaction_timestamp()
            mt_event_progression.name character varying not null
            mt_events.bdata bytea
            mt_events.causation_id character varying
            mt_events.correlation_id character varying
            mt_events.data jsonb not null
            mt_events.headers jsonb
            mt_events.id uuid not null
            mt_events.is_archived boolean default false
            mt_events.mt_dotnet_type character varying
            mt_events.seq_id bigint not null
            mt_events.stream_id character varying
            mt_events.tenant_id character varying default '*DEFAULT*'::character varying
            mt_events.timestamp timestamp with time zone not null
            mt_events.type character varying(500) not null
            mt_events.user_name character varying
            mt_events.version bigint not null
            mt_streams.created timestamp with time zone not null default now()
            mt_streams.id character varying not null
            mt_streams.is_archived boolean default false
            mt_streams.tenant_id character varying default '*DEFAULT*'::character varying
            mt_streams.timestamp timestamp with time zone not null default now()
            mt_streams.type character varying
            mt_streams.version bigint
            """,
            await store.Scalar<string>(
                """
                select string_agg(
                    format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                        case when a.attnotnull then ' not null' end,
                        ' default ' || pg_get_expr(d.adbin, d.adrelid)),
                    e'\n' order by c.relname collate "C", a.attname collate "C")
                from pg_class c
                join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
                where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
                """),
            ignoreLineEndingDifferences: true);
        Assert.Equal(
            """
            CREATE UNIQUE INDEX pk_mt_event_progression ON public.mt_event_progression USING btree (name)
            CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON public.mt_events USING btree (stream_id, version)
            CREATE UNIQUE INDEX pkey_mt_events_seq_id ON public.mt_events USING btree (seq_id)
            CREATE UNIQUE INDEX pkey_mt_streams_id ON public.mt_streams USING btree (id)
            """,
            await store.Scalar<string>(
                """
                select string_agg(indexdef, e'\n' order by indexname collate "C") from pg_indexes where schemaname = 'public'
                """));
        Assert.Equal(
            """
            fkey_mt_events_stream_id FOREIGN KEY (stream_id) REFERENCES mt_streams(id) ON DELETE CASCADE
            pk_mt_event_progression PRIMARY KEY (name)
            pkey_mt_events_seq_id PRIMARY KEY (seq_id)
            pkey_mt_streams_id PRIMARY KEY (id)
            """,
            await store.Scalar<string>(
                """
                select string_agg(conname || ' ' || pg_get_constraintdef(oid), e'\n' order by conname collate "C")
                from pg_constraint where connamespace = 'public'::regnamespace and contype in ('p', 'f', 'u')
                """));
        Assert.Equal("public.mt_events_sequence", await store.Scalar<string>("select pg_get_serial_sequence('mt_events', 'seq_id')"));
    }

    [Fact]
    public async Task Migrating_again_changes_nothing_and_nodes_may_migrate_at_once()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabase(isMigrated: false));

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => EventStoreSchema.Migrate(database, Cancel)));

        await using var noted = database.CreateCommand("select count(*) from eventfiles.schema_version");
        Assert.Equal(await noted.ExecuteScalarAsync(Cancel), (long)applied.Sum());
        Assert.Equal(0, await EventStoreSchema.Migrate(database, Cancel));
    }

    [Fact]
    public async Task A_migration_that_arrives_after_one_with_a_higher_number_is_applied_too()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await using var undo = database.CreateCommand(
            "drop function eventfiles.append; delete from eventfiles.schema_version where name = '0003-append.sql'");
        await undo.ExecuteNonQueryAsync(Cancel);

        Assert.Equal(1, await EventStoreSchema.Migrate(database, Cancel));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await using var newer = database.CreateCommand("insert into eventfiles.schema_version (version, name) values (99, 'x')");
        await newer.ExecuteNonQueryAsync(Cancel);

        var refused = await Assert.ThrowsAsync<NewerSchemaException>(() => EventStoreSchema.Migrate(database, Cancel));

        Assert.Contains("99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_session_of_ours_may_sit_in_a_transaction_for_ever()
    {
        var connectionString = await postgres.CreateDatabase();
        await using var store = new Store(connectionString);
        await using var prompt = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await EventStoreSchema.Migrate(prompt, Cancel);
        await using var show = prompt.CreateCommand("show idle_in_transaction_session_timeout");

        Assert.Equal("1min", await store.Scalar<string>("show idle_in_transaction_session_timeout"));
        Assert.Equal("1min", await show.ExecuteScalarAsync(Cancel));
    }
}
