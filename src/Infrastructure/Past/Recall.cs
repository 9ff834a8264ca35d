using System.Runtime.CompilerServices;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Past;

/// <summary>
/// Folds a projection over the streams that tell of a view, up to a position: from the last snapshot before it, and no
/// farther in any stream than the next one after it.
/// </summary>
internal sealed partial class Recall(EventPool pool, EventReader reader, EventTypes types, PastSnapshots snapshots, ILogger<Recall> log)
{
    // So many private rows are opened at once.
    private const int PageSize = 500;

    // In one stream positions grow with versions, so a range of versions holds what lies between two positions. The
    // position in it is only a filter: without snapshots it would be tried on every event of the stream.
    private const string OfGroups =
        $"""
        select {EventReader.Columns}, n.ordinal
        from unnest($1, $2, $3, $4) as n (ordinal, name, after, upto)
        cross join lateral (
            select * from public.mt_events s
            where s.stream_id = n.name and s.version > n.after and s.version <= n.upto and s.seq_id <= $5 and s.type = any ($6)) e
        left join eventfiles.event_private p on p.seq_id = e.seq_id
        order by n.ordinal, e.seq_id
        """;

    /// <summary>What the streams of each group tell up to the position; groups of which they tell nothing are left out.</summary>
    public async Task<IReadOnlyDictionary<string, Recollection>> At(
        IProjection projection, IReadOnlyCollection<string> groups, long position, CancellationToken cancel)
    {
        string[] names = [.. groups];
        var around = await snapshots.Around(projection, names, position, cancel);
        var recalled = new Recollection?[names.Length];
        for (var group = 0; group < names.Length; group++)
            recalled[group] = around[group].Before;

        await foreach (var (group, happened) in Events(projection, names, around, position, cancel))
        {
            var state = recalled[group] ??= Recollection.Nothing(projection, happened.Stream.Tenant);
            Take(projection, state, happened);
        }

        return names.Zip(recalled).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, pair => pair.Second!, StringComparer.Ordinal);
    }

    /// <summary>Takes one event into what is recalled. What the live projection could not take is left out here too.</summary>
    public void Take(IProjection projection, Recollection state, RecordedEvent happened)
    {
        state.Read(projection, happened);
        try
        {
            if (projection.KeyOf(happened) is not { } key)
                return;
            if (projection.Fold(state.Views.GetValueOrDefault(key), happened) is { } view)
                state.Views[key] = view;
            else
                state.Views.Remove(key);
        }
        catch (Exception why)
        {
            LeftOut(log, why, projection.Name, happened.Position);
        }
    }

    private async IAsyncEnumerable<(int Group, RecordedEvent Happened)> Events(
        IProjection projection, string[] groups, IReadOnlyList<Surroundings> around, long position,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        var words = projection.RecalledFrom.Count;
        var (ordinals, names) = (new int[groups.Length * words], new string[groups.Length * words]);
        var (after, upto) = (new long[names.Length], new long[names.Length]);
        for (var at = 0; at < names.Length; at++)
        {
            var (group, word) = (at / words, at % words);
            ordinals[at] = group;
            names[at] = $"{projection.RecalledFrom[word]}-{groups[group]}";
            after[at] = around[group].Before?.StreamVersions[word] ?? 0;
            upto[at] = around[group].VersionsAfter?[word] ?? long.MaxValue;
        }

        await using var command = pool.Source.CreateCommand(OfGroups);
        Add(command, NpgsqlDbType.Integer, ordinals);
        Add(command, NpgsqlDbType.Text, names);
        Add(command, NpgsqlDbType.Bigint, after);
        Add(command, NpgsqlDbType.Bigint, upto);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        Add(command, NpgsqlDbType.Text, types.Names(projection.Facts));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        for (var isMore = true; isMore;)
        {
            var (page, of) = (new List<StoredEvent>(), new List<int>());
            while (page.Count < PageSize && (isMore = await rows.ReadAsync(cancel)))
            {
                page.Add(EventReader.Raw(rows));
                of.Add(rows.GetInt32(EventReader.ColumnCount));
            }

            foreach (var (group, happened) in of.Zip(await reader.Opened(page, takesUnreadable: true, cancel)))
                yield return (group, happened);
        }
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, T[] values) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Projection} cannot take the event at {Position}; the past is shown without it")]
    private static partial void LeftOut(ILogger log, Exception why, string projection, long position);
}

/// <summary>The views of which one group of streams tells, at some position.</summary>
/// <param name="Views">By key.</param>
/// <param name="StreamVersions">How much of each stream is in them, in the order of <see cref="IProjection.RecalledFrom"/>.</param>
/// <param name="First">Whose the streams were at first.</param>
internal sealed record Recollection(AccountId First, Dictionary<string, object> Views, long[] StreamVersions)
{
    /// <summary>Whose they are: what was handed over is kept for whom it went to, and goes with their key.</summary>
    public AccountId Tenant { get; private set; } = First;

    /// <summary>How many events were read beyond the snapshot.</summary>
    public int EventsRead { get; private set; }

    public static Recollection Nothing(IProjection projection, AccountId tenant) =>
        new(tenant, new(StringComparer.Ordinal), new long[projection.RecalledFrom.Count]);

    /// <summary>The id that a stream groups by, or null when the projection is not recalled from such a stream.</summary>
    public static string? GroupOf(IProjection projection, string stream) =>
        projection.RecalledFrom.FirstOrDefault(word => IsOf(stream, word)) is { } from ? stream[(from.Length + 1)..] : null;

    public void Read(IProjection projection, RecordedEvent happened)
    {
        for (var word = 0; word < StreamVersions.Length; word++)
        {
            if (IsOf(happened.Stream.Name, projection.RecalledFrom[word]))
                StreamVersions[word] = happened.Version;
        }

        if (happened.Stream.Tenant != default)
            Tenant = happened.Stream.Tenant;
        EventsRead++;
    }

    private static bool IsOf(string stream, string word) =>
        stream.Length > word.Length && stream[word.Length] == '-' && stream.StartsWith(word, StringComparison.Ordinal);
}
