using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Compares a shadow with the live generation while events flow. Both are read as they are, then what changed meanwhile
/// is read again until little is left; that is read while the head rests at a page's end, where both stand at the same
/// position.
/// </summary>
internal sealed class Comparison(Head head)
{
    /// <summary>So many differences are told one by one; all are counted.</summary>
    public const int Told = 1000;

    private const int FewEnough = 200;
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(20);

    public async Task<Verdict> Run(Shard live, Shard shadow, ComparedHow how, CancellationToken cancel)
    {
        var projection = live.Projection;
        await head.AtRest(() => Touched(live, shadow), cancel);
        try
        {
            var (lives, shadows) = (await Leaves.Scan(live.Generation, cancel), await Leaves.Scan(shadow.Generation, cancel));
            HashSet<string> touched;
            do
            {
                touched = await head.AtRest(() => Touched(live, shadow), cancel);
                await Reread(touched);
            }
            while (touched.Count > FewEnough);

            var differing = lives.Keys.Union(shadows.Keys, StringComparer.Ordinal).Where(Differ).ToHashSet(StringComparer.Ordinal);
            while (true)
            {
                var found = await head.AtRest(
                    async () =>
                    {
                        if (live.Position != shadow.Position)
                            return null;
                        var last = await Touched(live, shadow);
                        await Reread(last);
                        differing.UnionWith(last);
                        differing.RemoveWhere(key => !Differ(key));
                        string[] told = [.. differing.Order(StringComparer.Ordinal).Take(Told)];
                        return new Found(
                            live.Position, told, await live.Generation.Read(told, cancel), await shadow.Generation.Read(told, cancel));
                    },
                    cancel);
                if (found is not null)
                    return new Verdict(found.Position, lives.ToDigest(), shadows.ToDigest(), differing.Count, Differences(found, how));
                await Task.Delay(Brief, cancel);
            }

            bool Differ(string key) => lives[key] != shadows[key];

            async Task Reread(IReadOnlyCollection<string> keys)
            {
                await lives.Reread(projection, live.Generation, keys, cancel);
                await shadows.Reread(projection, shadow.Generation, keys, cancel);
            }
        }
        finally
        {
            await head.AtRest(
                () =>
                {
                    live.EndWatch();
                    shadow.EndWatch();
                    return Task.FromResult(true);
                },
                CancellationToken.None);
        }
    }

    private static Task<HashSet<string>> Touched(Shard live, Shard shadow) =>
        Task.FromResult(live.Watch().Union(shadow.Watch(), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal));

    private static List<Difference> Differences(Found found, ComparedHow how)
    {
        // Without a salt that nobody keeps, the hash of a short name would be as good as the name.
        var salt = RandomNumberGenerator.GetBytes(32);
        return [.. found.Keys.Select((key, i) =>
        {
            var (live, shadow) = (found.Live[i], found.Shadow[i]);
            return new Difference(
                key, JsonPaths.Between(live?.Json, shadow?.Json), Hash(live), Hash(shadow), live?.Position, shadow?.Position,
                Value(live), Value(shadow));
        })];

        string? Hash(StoredView? view) =>
            view is null ? null : Convert.ToHexStringLower(HMACSHA256.HashData(salt, view.Json))[..16];

        string? Value(StoredView? view) =>
            view is null || how is not ComparedHow.Values ? null : Encoding.UTF8.GetString(view.Json);
    }

    private sealed record Found(long Position, string[] Keys, StoredView?[] Live, StoredView?[] Shadow);
}

/// <summary>What a comparison found.</summary>
/// <param name="Position">Where both generations stood.</param>
/// <param name="Count">How many keys differ.</param>
/// <param name="Differences">The first of them, by key.</param>
internal sealed record Verdict(
    long Position, string LiveDigest, string ShadowDigest, int Count, IReadOnlyList<Difference> Differences)
{
    public bool AreEqual => LiveDigest == ShadowDigest;
}

/// <summary>A view that is not the same in both.</summary>
/// <param name="Paths">JSON pointers to what differs; none when one side has no view.</param>
/// <param name="LiveHash">Tells values apart within one comparison, and nothing of them; null where there is no view.</param>
/// <param name="LivePosition">Of the event that changed the view last.</param>
/// <param name="LiveValue">The view, when it was asked for: it may tell of a person.</param>
internal sealed record Difference(
    string Key, IReadOnlyList<string> Paths, string? LiveHash, string? ShadowHash, long? LivePosition, long? ShadowPosition,
    string? LiveValue, string? ShadowValue);

/// <summary>Where two JSON texts differ.</summary>
internal static class JsonPaths
{
    /// <summary>Stands for places in indexes that differ although the views do not.</summary>
    public const string Places = "(indexes)";

    private const int Most = 50;

    public static IReadOnlyList<string> Between(byte[]? one, byte[]? other)
    {
        if (one is null || other is null)
            return [];
        using var first = JsonDocument.Parse(one);
        using var second = JsonDocument.Parse(other);
        var paths = new List<string>();
        Compare(first.RootElement, second.RootElement, "", paths);
        return paths.Count == 0 ? [Places] : paths;
    }

    private static void Compare(JsonElement one, JsonElement other, string path, List<string> paths)
    {
        if (paths.Count == Most)
            return;
        switch (one.ValueKind, other.ValueKind)
        {
            case (JsonValueKind.Undefined, _) or (_, JsonValueKind.Undefined):
                paths.Add(path);
                break;
            case var _ when JsonElement.DeepEquals(one, other):
                break;
            case (JsonValueKind.Object, JsonValueKind.Object):
                var names = one.EnumerateObject().Select(member => member.Name)
                    .Union(other.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
                foreach (var name in names)
                    Compare(Member(one, name), Member(other, name), $"{path}/{Escaped(name)}", paths);
                break;
            case (JsonValueKind.Array, JsonValueKind.Array) when one.GetArrayLength() == other.GetArrayLength():
                for (var i = 0; i < one.GetArrayLength(); i++)
                    Compare(one[i], other[i], FormattableString.Invariant($"{path}/{i}"), paths);
                break;
            default:
                paths.Add(path);
                break;
        }
    }

    private static JsonElement Member(JsonElement of, string name) => of.TryGetProperty(name, out var member) ? member : default;

    // RFC 6901.
    private static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
