using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class PresenceTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_that_share_bear_company_and_nobody_joins_one_that_does_not()
    {
        var database = await postgres.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database);
        Assert.False(await Presence.IsAnybodyOn(source, Cancel));

        using (var one = await Node(database, isAlone: false))
        using (var other = await Node(database, isAlone: false))
        {
            Assert.True(await Presence.IsAnybodyOn(source, Cancel));
            await Assert.ThrowsAsync<TakenException>(() => Node(database, isAlone: true));
        }

        using var alone = await Node(database, isAlone: true);
        await Assert.ThrowsAsync<TakenException>(() => Node(database, isAlone: false));
        Assert.True(await Presence.IsAnybodyOn(source, Cancel));
    }

    [Fact]
    public async Task A_node_that_lost_its_session_and_then_its_place_stops()
    {
        var database = await postgres.CreateDatabase();
        using var node = await Node(database, isAlone: true);
        // Another one takes the place in the moment in which the session ends.
        await using var taker = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var session = await taker.OpenConnectionAsync(Cancel);
        var taking = Scalar(session, $"select pg_advisory_lock({Presence.Key})");
        await PostgresFixture.AsOwner(
            database,
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objsubid = 1 and database = (select oid from pg_database where datname = current_database())");
        await taking;

        var stopped = new TaskCompletionSource();
        await using var registration = node.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopped.SetResult);
        await stopped.Task.WaitAsync(TimeSpan.FromMinutes(3), Cancel);
    }

    private static async Task<IHost> Node(string database, bool isAlone)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddPresence(database, isAlone);
        var host = builder.Build();
        try
        {
            await host.StartAsync(Cancel);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static async Task Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteScalarAsync(Cancel);
    }
}
