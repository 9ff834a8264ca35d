namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>A part as the server has taken it.</summary>
internal sealed record StoredPart(int Number, long SizeBytes, string ETag, byte[] Checks);

/// <summary>The parts of one put.</summary>
internal sealed class PartList
{
    private readonly List<StoredPart> stored = [];
    private int taken;

    /// <summary>The server's name for them; null until the first is sent.</summary>
    public Task<string>? Name { get; set; }

    public int Count => stored.Count;

    public long SizeBytes => stored.Sum(part => part.SizeBytes);

    public IReadOnlyCollection<(int Number, string ETag)> Tags => [.. stored.Select(part => (part.Number, part.ETag))];

    /// <summary>The next number.</summary>
    public int Take() => ++taken;

    public Task Add(StoredPart part)
    {
        stored.Add(part);
        return Task.CompletedTask;
    }

    public byte[] Checks() => [.. stored.SelectMany(part => part.Checks)];
}
