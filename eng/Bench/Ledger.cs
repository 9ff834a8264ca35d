using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>
/// A small product on the product's own machinery: accounts that are paid into, ten events to a stream, and what readers
/// see of each account, listed by its balance.
/// </summary>
internal static class Ledger
{
    public const int EventsPerStream = 10;

    private const string Name = "bench.paid.v1";

    private static readonly Decider<Pay, Balance, Paid> Paying = new(
        new Balance(0), (balance, paid) => new Balance(balance.Total + paid.Amount),
        (balance, pay, _) => new Paid(pay.Amount, "an event of ordinary size", balance.Total + pay.Amount));

    /// <summary>The container that a node of this product has.</summary>
    /// <param name="connection">The owner's: these measurements change no rights.</param>
    public static ServiceProvider Node(string connection, Action<IServiceCollection> views)
    {
        var slice = new Slice("bench").Stores<Paid>(Name).Shows(Accounts());
        var all = new ServiceCollection().AddLogging().AddSingleton(new Slices([slice])).AddEventStore(connection);
        views(all);
        return all.BuildServiceProvider();
    }

    /// <summary>Starts to make the views, and goes on keeping them.</summary>
    /// <returns>What stops it.</returns>
    public static async Task<IAsyncDisposable> Follow(ServiceProvider node, CancellationToken cancel)
    {
        var daemons = node.GetServices<IHostedService>().ToList();
        foreach (var daemon in daemons)
            await daemon.StartAsync(cancel);
        return new Following(daemons);
    }

    /// <summary>Waits until readers see the log as it was at the start.</summary>
    public static async Task UntilCaughtUp(ServiceProvider node, CancellationToken cancel)
    {
        var position = node.GetRequiredService<IReadPosition>();
        while (!position.IsCaughtUp)
            await Task.Delay(1, cancel);
    }

    /// <summary>One event on one stream.</summary>
    /// <returns>Its position.</returns>
    public static async Task<long> Append(IStreams streams, StreamId stream, CancellationToken cancel) =>
        await streams.Transact<Done>(
            async transaction => await transaction.Decide(stream, Paying, new Pay(1)) is { } no ? no : default(Done), cancel)
            is Answer<Done>.Yes { Position: > 0 and var position }
            ? position
            : throw new BenchException("An event was not appended.");

    /// <summary>The stream of that number, from 0.</summary>
    public static StreamId Stream(long number) => new(
        string.Create(CultureInfo.InvariantCulture, $"ledger-{number}"), new AccountId(new Guid((int)number, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 0])));

    /// <summary>So many streams with their events, the first of all streams first, written where they are to stand.</summary>
    public static async Task Fill(NpgsqlDataSource database, int streams, CancellationToken cancel)
    {
        await using var fill = database.CreateCommand(
            """
            insert into public.mt_streams (id, version, timestamp, created, tenant_id)
            select 'ledger-' || n, $2, now(), now(), lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000' from generate_series(0, $1 - 1) as n;
            """);
        fill.CommandTimeout = 0;
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = streams });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = EventsPerStream });
        await fill.ExecuteNonQueryAsync(cancel);
        await using var events = database.CreateCommand(
            $$"""
            insert into public.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
            select nextval('public.mt_events_sequence'), gen_random_uuid(), 'ledger-' || n, v,
                   jsonb_build_object('amount', 1, 'note', 'an event of ordinary size', 'balance', v), '{{Name}}', now(),
                   lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000'
            from generate_series(1, $2) as v cross join generate_series(0, $1 - 1) as n
            """);
        events.CommandTimeout = 0;
        events.Parameters.Add(new NpgsqlParameter<int> { TypedValue = streams });
        events.Parameters.Add(new NpgsqlParameter<int> { TypedValue = EventsPerStream });
        await events.ExecuteNonQueryAsync(cancel);
        await using var settle = database.CreateCommand("vacuum (analyze) public.mt_streams, public.mt_events; checkpoint");
        settle.CommandTimeout = 0;
        await settle.ExecuteNonQueryAsync(cancel);
    }

    private static Projection<Account> Accounts() => new Projection<Account>("accounts")
        .On<Paid>(
            (_, happened) => happened.Stream.Name,
            (account, paid, happened) => new Account(happened.Stream.Name, paid.Balance, (account?.Payments ?? 0) + 1, paid.Note))
        .Indexed(account => [new IndexEntry("by-balance", IndexEntry.Number(account.Balance))]);

    internal sealed record Paid(long Amount, string Note, long Balance);

    /// <summary>What readers see.</summary>
    internal sealed record Account(string Stream, long Balance, int Payments, string LastNote);

    private sealed record Pay(long Amount);

    private sealed record Balance(long Total);

    private sealed class Following(List<IHostedService> daemons) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var daemon in Enumerable.Reverse(daemons))
                await daemon.StopAsync(CancellationToken.None);
        }
    }
}
