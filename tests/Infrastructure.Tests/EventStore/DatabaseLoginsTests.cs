using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class DatabaseLoginsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_nodes_that_start_at_once_make_one_login_and_one_schema()
    {
        var owner = PostgresFixture.AsOwner(await postgres.CreateDatabase(isMigrated: false));
        var logins = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            var found = await DatabaseLogins.Of(owner, null, Cancel);
            await found.Prepare(Cancel);
            return found.Application;
        }));

        Assert.Single(logins.Distinct(StringComparer.Ordinal));
        await using var application = NpgsqlDataSource.Create(logins[0]);
        await using var asks = application.CreateCommand("select count(*) from mt_events");
        Assert.Equal(0L, await asks.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_role_that_somebody_else_made_is_left_alone()
    {
        var database = await postgres.CreateDatabase(isMigrated: false);
        var owner = PostgresFixture.AsOwner(database);
        var role = new NpgsqlConnectionStringBuilder(database).Database + "_app";
        await PostgresFixture.AsOwner(database, $"create role {role}");

        var logins = await DatabaseLogins.Of(owner, null, Cancel);
        var refused = await Assert.ThrowsAsync<ApplicationRoleException>(() => logins.Prepare(Cancel));

        Assert.Contains(role, refused.Message, StringComparison.Ordinal);
        await using var source = NpgsqlDataSource.Create(owner);
        await using var asks = source.CreateCommand("select rolcanlogin from pg_roles where rolname = $1");
        asks.Parameters.AddWithValue(role);
        Assert.Equal(false, await asks.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task The_applications_login_is_told_from_the_owners()
    {
        var database = await postgres.CreateDatabase();
        var logins = await DatabaseLogins.Of(database, null, Cancel);
        Assert.Null(logins.Owner);
        Assert.Equal(database, logins.Application);
        Assert.Empty(await logins.Prepare(Cancel));

        await PostgresFixture.AsOwner(database, $"grant delete on mt_events to {PostgresFixture.Application}");
        await Assert.ThrowsAsync<ApplicationRoleException>(() => logins.Prepare(Cancel));
    }
}
