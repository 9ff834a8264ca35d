using System.Runtime.InteropServices;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Prove;

/// <summary>The newest checkpoint. Anybody may ask.</summary>
public sealed record ReadCheckpoint : IRequest<Answer<LogCheckpoint>>;

/// <summary>The key that verifies checkpoints. Anybody may ask.</summary>
public sealed record ReadVerifierKey : IRequest<Answer<string>>;

/// <summary>Hashes of a tile. Anybody may ask: they tell nothing of what was hashed.</summary>
/// <param name="Level">0 to 63; 0 for leaves' hashes.</param>
/// <param name="Place">Which tile, and how many hashes of it.</param>
public sealed record ReadTile(int Level, string Place) : IRequest<Answer<byte[]>>;

/// <summary>The leaves of a tile, for an auditor: they tell who did what, by ids.</summary>
public sealed record ReadEntries(Caller By, string Place) : IRequest<Answer<byte[]>>, IAsked;

/// <summary>That an event is in the log, for an auditor.</summary>
/// <param name="From">Prove too that the log of this many leaves is how today's begins; null: do not.</param>
public sealed record ProveEvent(Caller By, Guid Event, long? From) : IRequest<Answer<EventProof>>, IAsked;

/// <summary>That an event is in the log, and how anybody can see that without asking again.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Index">Its place among the leaves, from 0.</param>
/// <param name="TreeSize">How many leaves the checkpoint covers.</param>
/// <param name="Leaf">What was hashed: all that is public of the event, base64.</param>
/// <param name="Path">Hashes from the leaf's neighbour up to the root's child, base64.</param>
/// <param name="Checkpoint">The signed text that the proof leads to.</param>
/// <param name="VerifierKey">The key that verifies it. Compare it with one that you got elsewhere.</param>
/// <param name="Proof">All of it as one text that is verified offline (c2sp.org/tlog-proof).</param>
/// <param name="Consistency">When it was asked for.</param>
public sealed record EventProof(
    Guid EventId, long Index, long TreeSize, string Leaf, IReadOnlyList<string> Path, string Checkpoint, string VerifierKey,
    string Proof, LogGrowth? Consistency);

/// <summary>That the log of some size is how a larger one begins.</summary>
/// <param name="FromSize">How many leaves the smaller one has.</param>
/// <param name="Path">The hashes of RFC 6962, 2.1.2, base64.</param>
public sealed record LogGrowth(long FromSize, IReadOnlyList<string> Path);

/// <summary>Which tile and how much of it, as its address says: <c>x001/234</c>, or <c>x001/234.p/17</c> when it is not full.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TilePlace(long Number, int Width)
{
    public const int FullWidth = 256;

    private const int Digits = 3;
    private const string Partial = ".p";

    /// <summary>Null when it is no such address; every tile has one address alone.</summary>
    public static TilePlace? Read(string text)
    {
        var parts = text.Split('/').ToList();
        var width = FullWidth;
        if (parts.Count > 1 && parts[^2].EndsWith(Partial, StringComparison.Ordinal))
        {
            if (Parsed(parts[^1]) is not { } some || some is < 1 or >= FullWidth || parts[^1][0] == '0')
                return null;
            width = (int)some;
            parts.RemoveAt(parts.Count - 1);
            parts[^1] = parts[^1][..^Partial.Length];
        }

        var number = 0L;
        for (var at = 0; at < parts.Count; at++)
        {
            var isLast = at == parts.Count - 1;
            if (!isLast && !parts[at].StartsWith('x'))
                return null;
            var digits = isLast ? parts[at] : parts[at][1..];
            if (digits.Length != Digits || Parsed(digits) is not { } three || parts.Count > 5 || (at == 0 && !isLast && three == 0))
                return null;
            number = (number * 1000) + three;
        }

        return new TilePlace(number, width);
    }

    private static long? Parsed(string digits) =>
        digits.Length is > 0 and <= Digits && digits.All(char.IsAsciiDigit)
            ? long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture)
            : null;
}

internal sealed class ProveEventShape : AbstractValidator<ProveEvent>
{
    public ProveEventShape() => RuleFor(ask => ask.From).GreaterThanOrEqualTo(0);
}

/// <summary>What is not proven, and why.</summary>
public static class ProveRejection
{
    public static readonly Rejection AuditorsOnly = new(
        "prove.auditors-only", RejectionKind.Forbidden, "Only auditors and administrators see events of others.");

    public static readonly Rejection NoSuchEvent = new(
        "prove.no-such-event", RejectionKind.Missing, "There is no event of that id.");

    public static readonly Rejection NotCovered = new(
        "prove.not-covered-yet", RejectionKind.Away, "The event stands, and the next checkpoint will cover it.")
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    public static readonly Rejection NoCheckpoint = new(
        "prove.no-checkpoint-yet", RejectionKind.Missing, "Nothing has been signed yet: the log is empty, or it has just begun.");

    public static readonly Rejection NoSuchSize = new(
        "prove.no-such-size", RejectionKind.Invalid, "The log has not had so many leaves when it was last signed.");

    public static readonly Rejection NoSuchTile = new(
        "prove.no-such-tile", RejectionKind.Missing, "The newest checkpoint covers no such tile.");
}
