using EventFiles.Features.Upload;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Tests.EventStore;
using EventFiles.Infrastructure.Transparency;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Transparency;

/// <summary>A log of its own with the tree over it, on a real database.</summary>
internal sealed class TreeOverLog : IAsyncDisposable
{
    public static readonly LogKey Key = LogKey.Of(new SharedSecret("a secret that these tests share among themselves"));

    private TreeOverLog(Store store)
    {
        Store = store;
        Sequencer = NewSequencer();
        Log = new TransparencyLog(store.Get<EventPool>(), new LogKeySource(() => Key));
    }

    public Store Store { get; }

    public Sequencer Sequencer { get; }

    public TransparencyLog Log { get; }

    /// <summary>What compares private rows.</summary>
    public PrivateRows Beside => new(Store.Get<EventTypes>(), Store.Get<PrivateKeys>());

    public string AsOwner => PostgresFixture.AsOwner(Store.ConnectionString);

    public static async Task<TreeOverLog> Begin(PostgresFixture postgres) => new(new Store(await postgres.CreateDatabase()));

    /// <summary>Another node's.</summary>
    public Sequencer NewSequencer() => new(
        Store.Get<EventPool>(), Store.Get<HighWater>(), new LogKeySource(() => Key), TransparencyOptions.Default, TimeProvider.System,
        NullLogger<Sequencer>.Instance);

    /// <summary>Notes that say different things, in streams of ten events.</summary>
    public async Task Write(int events, string name)
    {
        for (var at = 0; at < events; at++)
            await Store.Write($"note-{name}-{at / 10}", $"{name} {at}");
    }

    /// <summary>Notes with something personal, in streams of ten events.</summary>
    public async Task Send(int events, string name)
    {
        for (var at = 0; at < events; at++)
            await Store.Write($"note-{name}-{at / 10}", new NoteCommand("", new NoteEvent.SentTo([new($"{at}@example.org", at)], $"remark {at}", NameConflict.Fail)));
    }

    /// <summary>A number that is drawn and never used.</summary>
    public Task<long> Gap() => Store.Scalar<long>("select nextval('mt_events_sequence')");

    /// <summary>Until everything that stands is in the tree.</summary>
    public async Task<LogCheckpoint> Grow(Sequencer? by = null)
    {
        var last = await Store.Scalar<long>("select max(seq_id) from mt_events");
        while (!await Store.Get<HighWater>().Passes(last - 1, TimeSpan.FromSeconds(10), CancellationToken.None))
        {
        }

        while (await (by ?? Sequencer).Advance(CancellationToken.None) > 0)
        {
        }

        return (await Log.Newest(CancellationToken.None))!;
    }

    public async Task<LogVerdict> Verify(LogCheckpoint? remembered = null, bool onlyNew = false)
    {
        await using var database = NpgsqlDataSource.Create(Store.ConnectionString);
        return await new LogVerification(database, Key, Beside).Run(
            remembered is null ? [] : [remembered], onlyNew ? remembered : null, (_, _) => { }, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
