using FluentValidation;
using MediatR;

namespace EventFiles.Features.Files;

/// <summary>A file's versions, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="AsOf">Those it had then; null for now.</param>
public sealed record ListVersions(Caller By, FileId File, string? Cursor, int Limit, string? AsOf) :
    IRequest<Answer<Page<FileVersion>>>, IAsked;

/// <summary>Makes a former version the current one again: a new version with the same bytes.</summary>
public sealed record RestoreVersion(Caller By, FileId File, int Version) : IRequest<Answer<FileSummary>>, IAsked;

/// <summary>Gives a version a label, or takes it away.</summary>
/// <param name="Label">Empty or null for none.</param>
public sealed record LabelVersion(Caller By, FileId File, int Version, string? Label) : IRequest<Answer<Done>>, IAsked;

/// <summary>Deletes a version for good; never the current one.</summary>
public sealed record DeleteVersion(Caller By, FileId File, int Version) : IRequest<Answer<Done>>, IAsked;

/// <summary>Makes sure that nothing is left of a version that is deleted.</summary>
public sealed record PurgeVersion(FileId File, AccountId Owner, int Version) : IWork;

/// <summary>One version of a file.</summary>
/// <param name="Version">From 1; the number of a deleted one is never given again.</param>
/// <param name="SizeBytes">Bytes.</param>
/// <param name="Sha256">Lower-case hex over the bytes.</param>
/// <param name="CreatedAt">When its upload was complete, or it was restored.</param>
/// <param name="UploadId">The upload that brought the bytes.</param>
/// <param name="Label">What somebody called it; null when nobody did.</param>
/// <param name="Author">Who brought or restored it.</param>
/// <param name="RestoredFrom">The version whose bytes it has; null when it was uploaded.</param>
public sealed record FileVersion(
    int Version,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    string ContentType,
    string Sha256,
    DateTimeOffset CreatedAt,
    UploadId UploadId,
    string? Label,
    VersionAuthor Author,
    int? RestoredFrom);

/// <summary>Who made a version.</summary>
/// <param name="Id">The account.</param>
/// <param name="DisplayName">Its name; null when the account is gone.</param>
public sealed record VersionAuthor(AccountId Id, string? DisplayName);

internal sealed class ListVersionsShape : AbstractValidator<ListVersions>
{
    public ListVersionsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class LabelVersionShape : AbstractValidator<LabelVersion>
{
    private const int MaxLength = 200;

    public LabelVersionShape() => RuleFor(ask => ask.Label).Custom((label, shape) =>
    {
        if (label?.Length > MaxLength)
            shape.AddFailure("A label has at most 200 characters.");
        else if (label is not null && label.EnumerateRunes().Any(EntryName.IsUnprintable))
            shape.AddFailure("A label has no control, direction-changing or broken characters.");
    });
}
