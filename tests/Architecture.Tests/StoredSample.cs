using System.Text.Json;
using System.Text.Json.Nodes;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Architecture.Tests;

/// <summary>An event as PostgreSQL holds it, kept since the program that wrote it: <c>Stored/&lt;stored name&gt;.json</c>.</summary>
/// <param name="Data">The public body: commitments where personal values are.</param>
/// <param name="Salt">The private row's; null when the event tells nothing of a person.</param>
/// <param name="Private">The private row's values, by JSON pointer.</param>
internal sealed record StoredSample(Guid Id, JsonObject Data, byte[]? Salt, Dictionary<string, string>? Private)
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "tests", "Architecture.Tests", "Stored");

    /// <summary>All of them, by stored name.</summary>
    public static IReadOnlyDictionary<string, StoredSample> All { get; } = new SortedDictionary<string, StoredSample>(
        Directory.GetFiles(Folder, "*.json").ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => JsonSerializer.Deserialize<StoredSample>(File.ReadAllText(file), JsonSerializerOptions.Web)!),
        StringComparer.Ordinal);

    /// <summary>What a program reads from it.</summary>
    /// <param name="isErased">Whether the private row is gone.</param>
    public object Read(EventTypes types, string name, bool isErased = false) => EventJson.Read(
        types.Named(name), JsonSerializer.SerializeToUtf8Bytes(Data),
        Private is null || isErased ? null : new PrivateRow(Salt!, JsonSerializer.SerializeToUtf8Bytes(Private)));
}
