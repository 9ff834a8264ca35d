using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class MigrationTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Scripts = "EventFiles.Infrastructure.EventStore.Schema.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string connectionString = "";
    private NpgsqlDataSource owner = null!;

    public async ValueTask InitializeAsync()
    {
        connectionString = await postgres.CreateDatabase(isMigrated: false);
        owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(connectionString));
    }

    public ValueTask DisposeAsync() => owner.DisposeAsync();

    [Fact]
    public async Task Migrating_again_changes_nothing_and_nodes_may_migrate_at_once()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrate()));

        Assert.Equal(Migration.All, Assert.Single(applied, steps => steps.Count > 0));
        Assert.Empty(await Migrate());
        Assert.Empty(await EventStoreSchema.Pending(owner, Cancel));
    }

    [Fact]
    public async Task What_would_be_applied_can_be_asked_and_nothing_changes()
    {
        Assert.Equal(Migration.All, await EventStoreSchema.Pending(owner, Cancel));
        Assert.Equal(0L, await Scalar("select count(*) from pg_namespace where nspname = 'eventfiles'"));

        await Migrate();
        await Run("drop table eventfiles.passwords; delete from eventfiles.schema_version where version = 10");

        Assert.Equal([10], (await EventStoreSchema.Pending(owner, Cancel)).Select(step => step.Version));
        Assert.Equal(0L, await Scalar("select count(*) from eventfiles.schema_version where version = 10"));
    }

    // Two branches of the program may have made their steps at the same time.
    [Fact]
    public async Task A_step_that_was_left_out_is_applied_later()
    {
        await Migrate();
        await Run(
            """
            drop table eventfiles.idempotency_keys;
            do $$ begin
                execute (select format('drop function %s', oid::regprocedure) from pg_proc
                    where proname = 'append_together' order by pronargs desc limit 1);
            end $$;
            delete from eventfiles.schema_version where version = 70
            """);

        Assert.Equal([70], (await Migrate()).Select(step => step.Version));
        await using var store = new Store(connectionString);
        Assert.Null((await store.Write("note-1", "x")).Refusal);
    }

    [Fact]
    public void Steps_have_rising_numbers_and_a_file_each() =>
        Assert.All(Migration.All.Zip(Migration.All.Skip(1)), pair =>
        {
            Assert.True(pair.First.Version < pair.Second.Version);
            Assert.StartsWith($"{pair.Second.Version:D4}-", pair.Second.Name, StringComparison.Ordinal);
            Assert.NotEmpty(pair.Second.Script);
        });

    [Fact]
    public void Every_script_that_has_a_number_is_a_step() =>
        Assert.Equal(
            Migration.All.Select(step => step.Name),
            typeof(Migration).Assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(Scripts, StringComparison.Ordinal)).Select(name => name[Scripts.Length..])
                .Where(name => char.IsAsciiDigit(name[0])).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        await Migrate();
        await Run("insert into eventfiles.schema_version (version, name) values (9999, 'x')");

        var refused = await Assert.ThrowsAsync<NewerSchemaException>(Migrate);

        Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NewerSchemaException>(() => EventStoreSchema.Pending(owner, Cancel));
    }

    [Theory]
    [InlineData("create table mt_events (id int)", "mt_events.seq_id bigint")]
    [InlineData("create schema eventfiles; create table eventfiles.photos (id int)", "eventfiles")]
    [InlineData("create schema eventfiles; create table eventfiles.schema_version (version text)", "eventfiles")]
    public async Task A_database_of_something_else_is_refused_and_left_as_it_is(string made, string named)
    {
        await Run(made);
        var before = await Everything();

        var refused = await Assert.ThrowsAsync<ForeignSchemaException>(Migrate);

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Everything());
    }

    [Theory]
    [InlineData("alter table mt_events drop column headers", "mt_events.headers jsonb")]
    [InlineData("alter table mt_events alter version type int", "mt_events.version bigint not null")]
    [InlineData("alter table mt_streams drop column tenant_id", "mt_streams.tenant_id")]
    [InlineData("drop table mt_event_progression", "mt_event_progression.name")]
    [InlineData("update eventfiles.schema_version set name = '0002-other.sql' where version = 2", "0002-other.sql")]
    [InlineData("insert into eventfiles.schema_version (version, name) values (5, '0005-x.sql')", "0005-x.sql")]
    public async Task Our_tables_in_another_shape_are_refused(string done, string named)
    {
        await Migrate();
        await Run(done);

        Assert.Contains(named, (await Assert.ThrowsAsync<ForeignSchemaException>(Migrate)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_tables_that_Marten_made_are_adopted()
    {
        await MakeMartens();

        Assert.Equal(Migration.All, await Migrate());

        Assert.Equal(
            2L,
            await Scalar(
                """
                select count(*) from pg_attribute a join pg_collation c on c.oid = a.attcollation
                where (a.attrelid, a.attname) in (('mt_streams'::regclass, 'id'), ('mt_events'::regclass, 'stream_id')) and c.collname = 'C'
                """));
        await using var store = new Store(connectionString);
        Assert.Null((await store.Write("note-1", "x")).Refusal);
        Assert.Single(await store.Streams.Read("note-1", 0, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Events_without_what_belongs_beside_them_are_not_adopted()
    {
        await MakeMartens();
        await Run("insert into mt_streams (id, version) values ('note-1', 1)");

        Assert.Contains("backup", (await Assert.ThrowsAsync<ForeignSchemaException>(Migrate)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_session_of_ours_may_sit_in_a_transaction_for_ever()
    {
        await Migrate();
        await using var store = new Store(connectionString);
        await using var prompt = NpgsqlDataSource.Create(connectionString + ";Pooling=false");

        foreach (var source in new[] { store.Database, prompt, owner })
        {
            await using var show = source.CreateCommand("show idle_in_transaction_session_timeout");
            Assert.Equal("1min", await show.ExecuteScalarAsync(Cancel));
        }
    }

    // As Marten leaves them, with the names of tables, keys and indexes that it gives.
    private Task MakeMartens() => Run(
        Migration.ScriptNamed("0001-marten.sql").Replace("collate \"C\"", "collate \"und-x-icu\"", StringComparison.Ordinal));

    private Task<IReadOnlyList<Migration>> Migrate() => EventStoreSchema.Migrate(owner, PostgresFixture.Application, Cancel);

    private async Task Run(string sql)
    {
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<long> Scalar(string sql)
    {
        await using var command = owner.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private async Task<string> Everything()
    {
        await using var command = owner.CreateCommand(
            """
            select string_agg(c.oid::regclass || ' ' || c.relfilenode, ', ' order by c.oid)
            from pg_class c where c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
            """);
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
