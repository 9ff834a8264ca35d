using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Looks for viruses in bytes. It streams, with bounded memory and a time limit, and says what it saw: what becomes of the
/// file is no affair of its.
/// </summary>
public interface IScanner
{
    /// <summary>
    /// Which program looks, with which signatures, in its own words and at most 200 characters. When it learns new
    /// signatures the text changes.
    /// </summary>
    /// <exception cref="ScannerAwayException">It does not answer.</exception>
    Task<string> Signatures(CancellationToken cancel);

    /// <summary>Looks at all bytes of <paramref name="content"/>.</summary>
    /// <exception cref="ScannerAwayException">It does not answer, or not so that it can be understood: that is no verdict.</exception>
    Task<ScanOutcome> Scan(Stream content, CancellationToken cancel);
}

/// <summary>What the scanner saw.</summary>
public abstract record ScanOutcome
{
    private ScanOutcome() { }

    /// <summary>It looked at all of it and knows nothing bad.</summary>
    public sealed record Clean : ScanOutcome;

    /// <summary>It knows this.</summary>
    /// <param name="Threat">The signature's name; at most 200 characters.</param>
    public sealed record Found(string Threat) : ScanOutcome;

    /// <summary>It cannot look at all of it, and asking again would not help.</summary>
    /// <param name="Code">Stable: <c>too-large</c>, <c>too-slow</c>, <c>refused</c>.</param>
    public sealed record NotScannable(string Code) : ScanOutcome;
}

/// <summary>The scanner is away. It says nothing about the bytes, and it will come back.</summary>
public sealed class ScannerAwayException(string reason, Exception? inner = null) : Exception(reason, inner);

/// <summary>What is done about viruses.</summary>
public enum ScanPolicy
{
    /// <summary>Nothing is scanned.</summary>
    Off,

    /// <summary>What is infected is closed. What is not scanned is open and says so.</summary>
    Warn,

    /// <summary>The same, and until a version was found clean nobody but its owner opens it.</summary>
    Require,
}

/// <summary>What holds on this installation.</summary>
public sealed record ScanTerms(ScanPolicy Policy);

/// <summary>What is known of a version. Not scanned is never clean.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScanVerdict>))]
public enum ScanVerdict
{
    /// <summary>Nobody has looked.</summary>
    [JsonStringEnumMemberName("notScanned")]
    NotScanned,

    /// <summary>The scanner looked at all of it and knew nothing bad.</summary>
    [JsonStringEnumMemberName("clean")]
    Clean,

    /// <summary>The scanner found something: nobody opens it.</summary>
    [JsonStringEnumMemberName("infected")]
    Infected,

    /// <summary>The scanner cannot look at all of it.</summary>
    [JsonStringEnumMemberName("unscannable")]
    Unscannable,

    /// <summary>An administrator opened it in spite of what the scanner said.</summary>
    [JsonStringEnumMemberName("released")]
    Released,
}

/// <summary>What the scanner says of versions. Implemented by the Scan slice; asked by everybody who hands out bytes.</summary>
public interface IScans
{
    /// <summary>What is known of a version now; of one that nobody knows, that it is not scanned.</summary>
    Task<ScanStanding> Of(FileId file, int version, CancellationToken cancel);
}

/// <summary>A verdict under the terms that hold.</summary>
public sealed record ScanStanding(ScanVerdict Verdict, ScanPolicy Policy)
{
    /// <summary>Whether it is closed to everybody.</summary>
    public bool IsInfected => Verdict == ScanVerdict.Infected;

    /// <summary>Whether nothing may be made of it before the scanner has looked.</summary>
    public bool IsAwaited => Policy == ScanPolicy.Require && Verdict == ScanVerdict.NotScanned;

    // Read from the top: the first row that matches is the rule.
    /// <summary>Why a reader does not get its bytes, nor what was made of them; null when they do.</summary>
    /// <param name="isOwner">Whether it is the file's owner who asks.</param>
    public Rejection? ToReader(bool isOwner) => (Verdict, Policy) switch
    {
        (ScanVerdict.Infected, _) => ScanRejection.Infected,
        (ScanVerdict.Clean or ScanVerdict.Released, _) => null,
        (_, not ScanPolicy.Require) => null,
        _ when isOwner => null,
        (ScanVerdict.Unscannable, _) => ScanRejection.Unscannable,
        _ => ScanRejection.NotYet,
    };

    /// <summary>Why nobody new is let in; null when they may be.</summary>
    public Rejection? ToShare() => IsInfected ? ScanRejection.Infected : null;
}

/// <summary>What the scanner's gate says, whoever asks for bytes.</summary>
public static class ScanRejection
{
    public static readonly Rejection Infected = new(
        "scan.infected", RejectionKind.Forbidden, "The virus scanner found something in this file. It can be deleted; an administrator may release it.");

    public static readonly Rejection NotYet = new(
        "scan.not-yet", RejectionKind.Conflict, "The virus scanner has not looked at this file yet: try again soon.");

    public static readonly Rejection Unscannable = new(
        "scan.unscannable", RejectionKind.Forbidden, "The virus scanner cannot look at this file. An administrator may release it.");
}
