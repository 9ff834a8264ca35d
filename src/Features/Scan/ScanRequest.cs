using FluentValidation;
using MediatR;

namespace EventFiles.Features.Scan;

/// <summary>Has the scanner look at a version, unless it has.</summary>
public sealed record ScanVersion(AccountId Owner, FileId File, int Version) : IWork;

/// <summary>Looks what was missed and what is to be looked at again, and does some of it.</summary>
public sealed record ScanAgain : IRequest<Answer<Done>>;

/// <summary>How the scanner stands, for administrators.</summary>
public sealed record ReadScanner(Caller By) : IRequest<Answer<ScannerReply>>, IAsked;

/// <summary>The versions of a verdict, those reached last first, for administrators.</summary>
/// <param name="Verdict">infected, unscannable or released; or notScanned for those that nobody has looked at, oldest first.</param>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListScans(Caller By, ScanVerdict? Verdict, string? Cursor, int Limit) : IRequest<Answer<Page<ScanReply>>>, IAsked;

/// <summary>Opens a version in spite of what the scanner said.</summary>
/// <param name="Reason">For the history.</param>
public sealed record ReleaseVersion(Caller By, FileId File, int Version, string Reason) : IRequest<Answer<ScanReply>>, IAsked;

/// <summary>Wants everything looked at again, for administrators.</summary>
/// <param name="OnlyOlder">Not what was scanned with the scanner's signatures of now.</param>
public sealed record OrderRescan(Caller By, bool OnlyOlder) : IRequest<Answer<Done>>, IAsked;

/// <summary>How the virus scanner stands.</summary>
/// <param name="Policy">off, warn or require.</param>
/// <param name="IsAnswering">Whether it answers.</param>
/// <param name="Signatures">Which program looks, with which signatures, as it was last seen; null when it never was.</param>
/// <param name="SignaturesAt">Since when.</param>
/// <param name="RescanBefore">What was scanned before is being looked at again; null when nothing is.</param>
/// <param name="OverdueSince">Since when the oldest version waits that the scanner has not looked at in time; null when there is none.</param>
public sealed record ScannerReply(
    string Policy, bool IsAnswering, string? Signatures, DateTimeOffset? SignaturesAt, DateTimeOffset? RescanBefore, DateTimeOffset? OverdueSince);

/// <summary>What the scanner said of one version. No name: who asks opens no content.</summary>
/// <param name="FileId">The file.</param>
/// <param name="OwnerId">Whose it is.</param>
/// <param name="Version">The version.</param>
/// <param name="Verdict">notScanned, clean, infected, unscannable or released.</param>
/// <param name="Detail">The threat's name, or why it could not be looked at: too-large, too-slow or refused; else null.</param>
/// <param name="Signatures">With which it was looked at; null when it never was.</param>
/// <param name="At">When the verdict was reached; for one that nobody has looked at, when it was complete.</param>
public sealed record ScanReply(
    FileId FileId, AccountId OwnerId, int Version, ScanVerdict Verdict, string? Detail, string? Signatures, DateTimeOffset At);

internal sealed class ListScansShape : AbstractValidator<ListScans>
{
    public ListScansShape()
    {
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
        RuleFor(ask => ask.Verdict).Must(verdict => verdict is not null and not ScanVerdict.Clean)
            .WithMessage("A verdict that is listed is infected, unscannable, released or notScanned.");
    }
}

internal sealed class ReleaseVersionShape : AbstractValidator<ReleaseVersion>
{
    public ReleaseVersionShape() => RuleFor(ask => ask.Reason).NotEmpty().MaximumLength(1000);
}
