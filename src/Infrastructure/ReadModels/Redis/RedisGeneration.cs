using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// A generation in Redis: a hash of its views and a sorted set of all their places. Its position stands with the
/// projection's other figures, so that a generation that is gone cannot come back by a late write.
/// </summary>
/// <param name="mark">The store's. Who has another may read and not write.</param>
/// <param name="half">Which of the two that a projection has.</param>
internal sealed class RedisGeneration(
    RedisConnection redis, RedisNames names, IProjection projection, string mark, int half, int number, int version) : IGeneration
{
    private const int ScanSize = 1000;

    public int Number => number;

    public int Version => version;

    // A script holds up everybody: so many events keep it within some milliseconds.
    public int LargestBatch => 1000;

    public static int PositionBytes => sizeof(long);

    public async ValueTask<long> Position(CancellationToken cancel)
    {
        RedisValue[] fields = [$"number:{half}", $"position:{half}"];
        var figures = await redis.Call(database => database.HashGetAsync(names.Figures, fields), cancel);
        return figures[0] == number ? (long)figures[1] : 0;
    }

    public async ValueTask<object?[]> Load(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var stored = await Fetch(keys, cancel);
        return Array.ConvertAll(stored, value => value is null ? null : CanonicalJson.Read(projection.View, Json(value)));
    }

    public async ValueTask<bool> Apply(ViewBatch batch, CancellationToken cancel)
    {
        var arguments = new List<RedisValue>(5 + (6 * batch.Changes.Count)) { mark, half, number, batch.From, batch.Upto };
        foreach (var change in batch.Changes)
        {
            arguments.Add(change.Key);
            arguments.Add(change.View is null ? RedisValue.EmptyString : Value(change));
            AddPlaces(arguments, change.Key, change.Left, change.Entered);
            AddPlaces(arguments, change.Key, change.Entered, change.Left);
        }

        return (int)await redis.Run(RedisScripts.Apply, names.All, [.. arguments], cancel) == 1;
    }

    public void Publish()
    {
        // What is applied shows at once.
    }

    public async IAsyncEnumerable<StoredView> Views([EnumeratorCancellation] CancellationToken cancel)
    {
        var cursor = "0";
        do
        {
            var at = cursor;
            var page = (RedisResult[])(await redis.Call(
                database => database.ExecuteAsync(
                    "HSCAN", names.Views(half), at, "COUNT", ScanSize.ToString(CultureInfo.InvariantCulture)),
                cancel))!;
            cursor = (string)page[0]!;
            var pairs = (RedisResult[])page[1]!;
            for (var i = 0; i < pairs.Length; i += 2)
                yield return Stored((string)pairs[i]!, (byte[])pairs[i + 1]!);
        }
        while (cursor is not "0");
    }

    public async IAsyncEnumerable<StoredPlace> Places([EnumeratorCancellation] CancellationToken cancel)
    {
        RedisValue after = "-";
        while (true)
        {
            var page = (RedisValue[])(await redis.Call(
                database => database.ExecuteAsync(
                    "ZRANGEBYLEX", names.Places(half), after, "+", "LIMIT", "0", ScanSize.ToString(CultureInfo.InvariantCulture)),
                cancel))!;
            foreach (var place in page)
                yield return RedisPlaces.Read((byte[])place!);
            if (page.Length < ScanSize)
                yield break;
            after = (byte[])[(byte)'(', .. (byte[])page[^1]!];
        }
    }

    public async ValueTask<StoredView?[]> Read(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var stored = await Fetch(keys, cancel);
        return [.. keys.Zip(stored, (key, value) => value is null ? null : Stored(key, value))];
    }

    /// <summary>The view's JSON, of what is stored: its position stands before it.</summary>
    public static ReadOnlySpan<byte> Json(byte[] stored) => stored.AsSpan(PositionBytes);

    private async Task<byte[]?[]> Fetch(IReadOnlyList<string> wanted, CancellationToken cancel)
    {
        if (wanted.Count == 0)
            return [];
        var fields = wanted.Select(key => (RedisValue)key).ToArray();
        var values = await redis.Call(database => database.HashGetAsync(names.Views(half), fields), cancel);
        return Array.ConvertAll(values, value => (byte[]?)value);
    }

    private static StoredView Stored(string key, byte[] value) =>
        new(key, Json(value).ToArray(), BinaryPrimitives.ReadInt64BigEndian(value));

    private static byte[] Value(ViewChange change)
    {
        var json = CanonicalJson.Write(change.View!);
        var value = new byte[PositionBytes + json.Length];
        BinaryPrimitives.WriteInt64BigEndian(value, change.Position);
        json.CopyTo(value, PositionBytes);
        return value;
    }

    private static void AddPlaces(
        List<RedisValue> arguments, string key, IReadOnlyCollection<IndexEntry> these, IReadOnlyCollection<IndexEntry> butNot)
    {
        var at = arguments.Count;
        arguments.Add(0);
        foreach (var entry in these)
        {
            if (!butNot.Contains(entry))
                arguments.Add(RedisPlaces.Of(entry.Index, new Place(entry.Sort, key)));
        }

        arguments[at] = arguments.Count - at - 1;
    }
}
