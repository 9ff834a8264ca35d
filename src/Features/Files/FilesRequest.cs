using FluentValidation;
using MediatR;

namespace EventFiles.Features.Files;

/// <summary>One file.</summary>
/// <param name="AsOf">What it was then; null for what it is now.</param>
public sealed record ReadFile(Caller By, FileId File, string? AsOf) : IRequest<Answer<TaggedFile>>, IAsked;

/// <summary>How far a file has come.</summary>
/// <param name="AsOf">How far it had come then; null for now.</param>
public sealed record ReadFileStatus(Caller By, FileId File, string? AsOf) : IRequest<Answer<FileStatusView>>, IAsked;

/// <summary>A file's bytes.</summary>
/// <param name="Version">Null for the current one.</param>
public sealed record OpenContent(Caller By, FileId File, int? Version) : IRequest<Answer<OpenedContent>>, IAsked;

/// <summary>The bytes of what a processor made of a file's current version.</summary>
public sealed record OpenVariant(Caller By, FileId File, string Variant) : IRequest<Answer<OpenedContent>>, IAsked;

/// <summary>Renames a file, moves it, or both. Null leaves as it is.</summary>
/// <param name="IfMatch">Entity tags, one of which the file must still have; null for whatever it has.</param>
public sealed record ChangeFile(Caller By, FileId File, string? Name, FolderId? Folder, IReadOnlyList<string>? IfMatch) :
    IRequest<Answer<TaggedFile>>, IAsked;

/// <summary>A file's versions, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="AsOf">Those it had then; null for now.</param>
public sealed record ListVersions(Caller By, FileId File, string? Cursor, int Limit, string? AsOf) :
    IRequest<Answer<Page<FileVersion>>>, IAsked;

/// <summary>A file, and the tag that changes with everything that can be seen of it.</summary>
/// <param name="ETag">With its quotes.</param>
public sealed record TaggedFile(FileSummary File, string ETag);

/// <summary>How far a file has come.</summary>
/// <param name="Status">uploading, processing, ready, failed, infected, trashed or deleted.</param>
/// <param name="Steps">The processing steps of the current version.</param>
/// <param name="Error">Of the first step that failed: a stable code, a colon and a sentence; null when none did.</param>
public sealed record FileStatusView(string Status, IReadOnlyList<FileStepView> Steps, string? Error);

/// <summary>One processing step.</summary>
/// <param name="JobId">Its job.</param>
/// <param name="Processor">What runs: thumbnail, resize, webp, pdf_thumbnail.</param>
/// <param name="Variant">The name of what it makes.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Attempts">How often it was begun.</param>
/// <param name="Error">Why it failed, or why the last attempt did; null when nothing failed.</param>
public sealed record FileStepView(
    JobId JobId, string Processor, string Variant, StepStatus Status, int Attempts, string? Error);

/// <summary>One version of a file.</summary>
/// <param name="Version">From 1.</param>
/// <param name="SizeBytes">Bytes.</param>
/// <param name="Sha256">Lower-case hex over the bytes.</param>
/// <param name="CreatedAt">When its upload was complete.</param>
/// <param name="UploadId">The upload that brought it.</param>
public sealed record FileVersion(
    int Version,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    string ContentType,
    string Sha256,
    DateTimeOffset CreatedAt,
    UploadId UploadId);

/// <summary>Bytes on their way to a reader.</summary>
/// <param name="Content">Seekable; the receiver disposes of it.</param>
/// <param name="ETag">Without quotes; the same for the same bytes.</param>
/// <param name="Sha256">Lower-case hex over the bytes; null where it is not known.</param>
/// <param name="Name">What a browser saves it under.</param>
public sealed record OpenedContent(
    Stream Content, string ContentType, string ETag, string? Sha256, string Name, DateTimeOffset ModifiedAt);

internal sealed class ChangeFileShape : AbstractValidator<ChangeFile>
{
    public ChangeFileShape() => RuleFor(ask => ask.Name).Custom((name, shape) =>
    {
        if (name is not null && EntryName.Problem(name) is { } problem)
            shape.AddFailure(problem);
    });
}

internal sealed class ListVersionsShape : AbstractValidator<ListVersions>
{
    public ListVersionsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
