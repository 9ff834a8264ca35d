namespace EventFiles.Features.Scan;

/// <summary>What is to be looked at again.</summary>
/// <param name="Signatures">With which the scanner looked when it was asked last.</param>
/// <param name="SignaturesAt">Since when.</param>
/// <param name="OrderedAt">When an operator wanted everything looked at again.</param>
/// <param name="OnlyOlder">Not what was scanned with the signatures of now.</param>
public sealed record RescanView(string? Signatures, DateTimeOffset? SignaturesAt, DateTimeOffset? OrderedAt, bool OnlyOlder)
{
    /// <summary>What was scanned before is looked at again.</summary>
    public DateTimeOffset? Before => SignaturesAt > OrderedAt || OrderedAt is null ? SignaturesAt : OrderedAt;

    /// <summary>The order that each verdict must be part of; null when other signatures are reason enough.</summary>
    public DateTimeOffset? Order => OnlyOlder ? null : OrderedAt;
}

internal static class RescanProjection
{
    public const string Key = "rescan";

    private static readonly RescanView Nothing = new(null, null, null, false);

    /// <summary>One view.</summary>
    public static Projection<RescanView> Define() => new Projection<RescanView>("rescan")
        .On<RescanEvent.SignaturesSeen>(_ => Key, (view, seen, happened) =>
            (view ?? Nothing) with { Signatures = seen.Signatures, SignaturesAt = happened.At })
        .On<RescanEvent.Ordered>(_ => Key, (view, ordered, happened) =>
            (view ?? Nothing) with { OrderedAt = happened.At, OnlyOlder = ordered.OnlyOlder });
}
