using System.Text.Json;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Audit;

/// <summary>What happened, for an auditor, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ReadTrail(Caller By, TrailFilter Filter, string? Cursor, int Limit) : IRequest<Answer<TrailPage>>, IAsked;

/// <summary>All of that as a file. That it was taken along stands in the log.</summary>
public sealed record ExportTrail(Caller By, TrailFilter Filter, TrailFormat Format) : IRequest<Answer<ExportedTrail>>, IAsked;

/// <summary>What led to an event, back to the command that began it, for an auditor.</summary>
public sealed record WalkCauses(Caller By, Guid Event) : IRequest<Answer<TrailCauses>>, IAsked;

/// <summary>Which events. What is null does not matter.</summary>
/// <param name="Stream">The stream of this name, and those whose names begin with it and a dash.</param>
/// <param name="File">What happened to it, and what was refused about it.</param>
/// <param name="Folder">The same of a folder.</param>
/// <param name="Person">What they asked for, and what happened to what is theirs.</param>
/// <param name="Actor">Who asked for it.</param>
/// <param name="Kind">A stored name, or its beginning up to a dot: <c>share</c>, <c>share.granted</c>.</param>
/// <param name="Correlation">The trace of a request.</param>
/// <param name="From">Recorded then or later.</param>
/// <param name="To">Recorded before.</param>
/// <param name="AsOf">Only what stood then: a time or a position.</param>
public sealed record TrailFilter(
    string? Stream, FileId? File, FolderId? Folder, AccountId? Person, AccountId? Actor, string? Kind, TrailOutcome? Outcome,
    string? Correlation, DateTimeOffset? From, DateTimeOffset? To, string? AsOf);

/// <summary>How what was asked for ended.</summary>
public enum TrailOutcome
{
    /// <summary>It happened.</summary>
    Done,

    /// <summary>It was refused, and nothing happened.</summary>
    Refused,
}

/// <summary>In which form the log is taken along.</summary>
public enum TrailFormat
{
    /// <summary>One JSON object a line.</summary>
    Ndjson,

    /// <summary>RFC 4180, for spreadsheets: no cell is taken for a formula.</summary>
    Csv,
}

/// <summary>A page of the log.</summary>
/// <param name="Items">By position. There may be fewer than asked for, or none, and more behind: the cursor says so.</param>
/// <param name="NextCursor">Null when nothing is left up to the end of the log.</param>
/// <param name="Upto">Everything up to this position was looked at.</param>
public sealed record TrailPage(IReadOnlyList<TrailEntry> Items, string? NextCursor, long Upto);

/// <summary>One event, as auditors see it.</summary>
/// <param name="Position">Its place in the whole log; grows, with gaps.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Outcome">done or refused.</param>
/// <param name="What">The event's stored name.</param>
/// <param name="Request">The kind of the request that led to it; of work, what was done.</param>
/// <param name="Via">By which door it came: api, work, routine or operator.</param>
/// <param name="Actor">Who asked for it; null for the system itself and for whoever did not sign in.</param>
/// <param name="Address">
/// The network address that the actor's request came from (of IPv6 the first half); null for what came from none, for what
/// the system did about it later, and for a sign-in, whose details have it.
/// </param>
/// <param name="Person">Whose it is; null for what is nobody's, or a group's.</param>
/// <param name="Stream">The stream it stands in.</param>
/// <param name="Version">Its place in that stream.</param>
/// <param name="EventId">Its own id, by which it is proven.</param>
/// <param name="CorrelationId">The trace of the request that led to it.</param>
/// <param name="CausationId">The event that led to it directly; null when a command did.</param>
/// <param name="Details">Its fields, without digests of secrets; what was erased reads <c>[erased]</c>.</param>
public sealed record TrailEntry(
    long Position, DateTimeOffset At, TrailOutcome Outcome, string What, string? Request, string? Via, HistoryActor? Actor,
    string? Address, AccountId? Person, string Stream, long Version, Guid EventId, string? CorrelationId, string? CausationId, JsonElement Details)
{
    /// <summary>The group whose space it is, which is no person; null for what is a person's or nobody's.</summary>
    public GroupId? Space { get; init; }
}

/// <summary>A part of the log, to be written as it is read.</summary>
/// <param name="MediaType">Of the file.</param>
/// <param name="Name">What the file is called.</param>
/// <param name="Lines">Each ends a line.</param>
public sealed record ExportedTrail(string MediaType, string Name, IAsyncEnumerable<string> Lines);

/// <summary>What led to an event.</summary>
/// <param name="Steps">The event itself, then the one that led to it, and so on.</param>
/// <param name="Command">What began it all; null when the last step's cause cannot be found.</param>
public sealed record TrailCauses(IReadOnlyList<TrailEntry> Steps, TrailCommand? Command);

/// <summary>What began it.</summary>
/// <param name="Request">The kind of the request; null where none was noted.</param>
/// <param name="Via">api, routine, operator, or work for what a deadline brought about.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="At">When its first event was recorded.</param>
/// <param name="CorrelationId">Its trace: all that it led to bears it.</param>
public sealed record TrailCommand(string? Request, string? Via, HistoryActor? Actor, DateTimeOffset At, string? CorrelationId);

internal sealed class ReadTrailShape : AbstractValidator<ReadTrail>
{
    public ReadTrailShape()
    {
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
        RuleFor(ask => ask.Filter).SetValidator(new TrailFilterShape());
    }
}

internal sealed class ExportTrailShape : AbstractValidator<ExportTrail>
{
    public ExportTrailShape()
    {
        RuleFor(ask => ask.Format).IsInEnum().WithMessage("A format is ndjson or csv.");
        RuleFor(ask => ask.Filter).SetValidator(new TrailFilterShape());
    }
}

internal sealed class TrailFilterShape : AbstractValidator<TrailFilter>
{
    private const int LongestName = 200;

    public TrailFilterShape()
    {
        RuleFor(filter => filter.Outcome).IsInEnum().WithMessage("An outcome is done or refused.");
        RuleFor(filter => filter.Stream).MaximumLength(LongestName).Must(IsName).WithMessage("A stream's name is letters, digits and dashes.");
        RuleFor(filter => filter.Kind).MaximumLength(LongestName).Must(IsName).WithMessage("A kind is an event's stored name, or its beginning up to a dot.");
        RuleFor(filter => filter.Correlation).MaximumLength(LongestName).Must(IsName).WithMessage("A correlation is a trace's id.");
    }

    private static bool IsName(string? text) =>
        text is null || (text.Length > 0 && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '.' or '_'));
}
