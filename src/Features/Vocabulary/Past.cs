using System.Globalization;
using System.Text.RegularExpressions;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Shows things as they stood at an earlier point of the log: the very projections that make today's views, folded up to
/// there. What the events of the time say counts, whatever became of it; who may ask is decided by today's rights.
/// </summary>
public interface IPast
{
    /// <summary>The point that a client means, or a refusal of <see cref="PastRejection"/>.</summary>
    /// <param name="asOf">
    /// A position; or a time in RFC 3339, which means the last position whose event bears that time or an earlier one.
    /// </param>
    Task<Answer<Moment>> Locate(string asOf, CancellationToken cancel);

    /// <summary>A view as it stood; null when there was none. The projection must be <see cref="Projection{TView}.Recalled"/>.</summary>
    Task<TView?> Find<TView>(string key, Moment at, CancellationToken cancel) where TView : class;

    /// <summary>A page of the views that stood in an index, in its order.</summary>
    /// <param name="cursor">A former page's, of the same list and the same moment; or null for the beginning.</param>
    /// <param name="limit">At most this many, 1 to 1000.</param>
    /// <exception cref="BadCursorException">The cursor is another list's or another moment's.</exception>
    Task<Answer<Page<TView>>> List<TView>(
        string index, Moment at, string? cursor, int limit, bool descending, CancellationToken cancel) where TView : class;
}

/// <summary>A point of the log that will never change any more.</summary>
/// <param name="Position">Everything up to here, and nothing after.</param>
/// <param name="Wanted">What the client asked for.</param>
public sealed record Moment(long Position, AsOf Wanted);

/// <summary>What a client may ask to look back to: a position or a time.</summary>
public sealed partial record AsOf(long? Position, DateTimeOffset? Time)
{
    // What a time of .NET can hold; finer digits are cut off.
    private const int FractionDigits = 7;

    /// <summary>Null when it is neither a position nor a time in RFC 3339.</summary>
    public static AsOf? Parse(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return new AsOf(position, null);
        if (Rfc3339().Match(text) is not { Success: true } time)
            return null;
        var fraction = time.Groups["fraction"].Value;
        var spelled = time.Groups["seconds"].Value + fraction[..Math.Min(fraction.Length, FractionDigits + 1)] + time.Groups["zone"].Value;
        return DateTimeOffset.TryParse(spelled.ToUpperInvariant(), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? new AsOf(null, at.ToUniversalTime())
            : null;
    }

    /// <summary>One spelling for one moment.</summary>
    public override string ToString() =>
        Position?.ToString(CultureInfo.InvariantCulture) ?? Time!.Value.ToString("O", CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<seconds>\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?<fraction>\.\d+)?(?<zone>[Zz]|[+-]\d{2}:\d{2})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rfc3339();
}

/// <summary>Why one cannot look back to there.</summary>
public static class PastRejection
{
    /// <summary>The parameter, as the API document describes it.</summary>
    public const string AsOfDescription =
        "Shows it as it stood then: a time in RFC 3339, or a position in the log such as a reply's Event-Position.";

    public static readonly Rejection Unreadable = new(
        "past.unreadable", RejectionKind.Malformed, "asOf is a time in RFC 3339, such as 2026-11-21T12:00:00Z, or a position in the log.");

    public static readonly Rejection NotYet = new(
        "past.not-yet", RejectionKind.Invalid, "asOf lies in the future.");

    public static readonly Rejection StillReading = new(
        "past.still-reading", RejectionKind.Busy, "What was then is still being read from the log; try again soon.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    /// <summary>For the API document of whatever can be had as of a moment.</summary>
    public static readonly Rejection[] All = [Unreadable, NotYet, StillReading];
}
