using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>What was stored is safe from the program that stored it. All other tests here run as the same role.</summary>
public sealed class RoleTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string connectionString = "";
    private NpgsqlDataSource application = null!;

    public async ValueTask InitializeAsync()
    {
        connectionString = await postgres.CreateDatabase();
        await using (var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(connectionString)))
            await EventStoreSchema.Migrate(owner, PostgresFixture.Application, Cancel);
        await using (var store = new Store(connectionString))
            await store.Write("note-1", "kept");
        application = NpgsqlDataSource.Create(connectionString);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static readonly string[] Refused =
    [
        "update mt_events set data = '{}'",
        "update mt_events set is_archived = true",
        "delete from mt_events",
        "truncate mt_events",
        "truncate mt_streams cascade",
        "delete from mt_streams",
        "update mt_streams set id = 'other'",
        "select from mt_events for update",
        "insert into mt_events select * from mt_events on conflict (seq_id) do update set data = '{}'",
        "select setval('mt_events_sequence', 1)",
        "alter sequence mt_events_sequence restart",
        "alter table mt_events add column more int",
        "alter table mt_events disable trigger all",
        "drop table mt_events",
        "drop schema eventfiles cascade",
        "create table public.more (id int)",
        "create table eventfiles.more (id int)",
        "create temporary table more (id int)",
        "create index on mt_events (type)",
        "create function public.more() returns int language sql as 'select 1'",
        "create or replace function eventfiles.append_together() returns bigint language sql as 'select 1'",
        "create trigger more before insert on mt_events for each row execute function suppress_redundant_updates_trigger()",
        "create rule more as on insert to mt_events do instead nothing",
        "update eventfiles.schema_version set name = 'x'",
        "update eventfiles.event_private set fields = ''",
        "set role postgres",
        "set session authorization postgres",
        "set session_replication_role = replica",
        "alter role eventfiles_app superuser",
        "create role more",
        "copy mt_events to '/tmp/more'",
    ];

    [Fact]
    public Task The_application_adds_to_the_log_and_may_change_and_remove_nothing() =>
        Assert.AllAsync(Refused, async sql =>
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => Run(sql))).SqlState));

    [Fact]
    public async Task It_can_mark_a_whole_stream_as_archived_and_nothing_more_nor_take_it_back()
    {
        await Run("select eventfiles.archive_stream('note-1', 7)");
        Assert.Equal("false false", await Marks());
        await Run("select eventfiles.archive_stream('note-1', 1)");
        Assert.Equal("true true", await Marks());
        await Assert.ThrowsAsync<PostgresException>(() => Run("update mt_streams set is_archived = false"));

        async Task<object?> Marks()
        {
            await using var asks = application.CreateCommand(
                "select s.is_archived || ' ' || e.is_archived from mt_streams s join mt_events e on e.stream_id = s.id where s.id = 'note-1'");
            return await asks.ExecuteScalarAsync(Cancel);
        }
    }

    [Fact]
    public async Task No_way_leads_back_to_the_owner()
    {
        await Run("reset role; reset session authorization; reset all; grant update, delete on mt_events to eventfiles_app");
        await using var who = application.CreateCommand("select session_user || ' ' || current_user");

        Assert.Equal("eventfiles_app eventfiles_app", await who.ExecuteScalarAsync(Cancel));
        await Assert.ThrowsAsync<PostgresException>(() => Run("delete from mt_events"));
        await Assert.ThrowsAsync<PostgresException>(() => Run("reset role; delete from mt_events"));
    }

    [Fact]
    public async Task What_was_granted_before_is_taken_away_at_the_next_start()
    {
        await PostgresFixture.AsOwner(connectionString, "grant all on mt_events, mt_streams to eventfiles_app; grant delete on mt_events to public");
        await using (var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(connectionString)))
            await EventStoreSchema.Migrate(owner, PostgresFixture.Application, Cancel);

        Assert.Equal(
            PostgresErrorCodes.InsufficientPrivilege,
            (await Assert.ThrowsAsync<PostgresException>(() => Run("delete from mt_events"))).SqlState);
    }

    [Theory]
    [InlineData("nobody_here", "nobody_here")]
    [InlineData("postgres", "all that the owner may")]
    public async Task A_role_that_is_not_there_or_too_mighty_is_refused(string role, string named)
    {
        await using var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(connectionString));

        var refused = await Assert.ThrowsAsync<ApplicationRoleException>(() => EventStoreSchema.Migrate(owner, role, Cancel));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    private async Task Run(string sql)
    {
        await using var connection = await application.OpenConnectionAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
