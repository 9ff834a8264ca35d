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

        // In the order in which Marten makes them.
        Assert.Equal(
            """
            mt_event_progression.name character varying not null
            mt_event_progression.last_seq_id bigint
            mt_event_progression.last_updated timestamp with time zone default transaction_timestamp()
            mt_events.seq_id bigint not null
            mt_events.id uuid not null
            mt_events.stream_id character varying
            mt_events.version bigint not null
            mt_events.data jsonb not null
            mt_events.bdata bytea
            mt_events.type character varying(500) not null
            mt_events.timestamp timestamp with time zone not null
            mt_events.tenant_id character varying default '*DEFAULT*'::character varying
            mt_events.mt_dotnet_type character varying
            mt_events.correlation_id character varying
            mt_events.causation_id character varying
            mt_events.headers jsonb
            mt_events.user_name character varying
            mt_events.is_archived boolean default false
            mt_streams.id character varying not null
            mt_streams.type character varying
            mt_streams.version bigint
            mt_streams.timestamp timestamp with time zone not null default now()
            mt_streams.created timestamp with time zone not null default now()
            mt_streams.tenant_id character varying default '*DEFAULT*'::character varying
            mt_streams.is_archived boolean default false
            """,
            await store.Scalar<string>(
                """
                select string_agg(
                    format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                        case when a.attnotnull then ' not null' end,
                        ' default ' || pg_get_expr(d.adbin, d.adrelid)),
                    e'\n' order by c.relname collate "C", a.attnum)
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
        Assert.Equal("1|1|false", await store.Scalar<string>("select concat_ws('|', seqstart, seqincrement, seqcycle::text) from pg_sequence where seqrelid = 'mt_events_sequence'::regclass"));
    }

    [Fact]
    public async Task Nothing_of_ours_stands_beside_Martens_tables()
    {
        await using var store = new Store(await postgres.CreateDatabase());

        Assert.Equal(
            "r mt_event_progression, r mt_events, S mt_events_sequence, r mt_streams",
            await store.Scalar<string>(
                """
                select string_agg(concat(relkind, ' ', relname), ', ' order by relname collate "C")
                from pg_class where relnamespace = 'public'::regnamespace and relkind not in ('i')
                """));
        Assert.Equal(
            0L,
            await store.Scalar<long>(
                """
                select (select count(*) from pg_proc where pronamespace = 'public'::regnamespace)
                    + (select count(*) from pg_trigger where not tgisinternal)
                    + (select count(*) from pg_type where typnamespace = 'public'::regnamespace and typtype not in ('c', 'b'))
                    + (select count(*) from pg_rewrite r join pg_class c on c.oid = r.ev_class where c.relnamespace = 'public'::regnamespace)
                """));
    }
}
