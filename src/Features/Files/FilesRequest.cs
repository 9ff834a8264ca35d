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

/// <summary>A file, and the tag that changes with everything that can be seen of it.</summary>
/// <param name="ETag">With its quotes.</param>
public sealed record TaggedFile(FileSummary File, string ETag);

/// <summary>How far a file has come.</summary>
/// <param name="Status">uploading, processing, ready, failed, infected, trashed or deleted.</param>
/// <param name="Steps">The processing steps of the current version.</param>
/// <param name="Error">Of what is infected, <c>infected:</c> and what was found; of the first step that failed, a stable code, a colon and a sentence; null when nothing is wrong.</param>
public sealed record FileStatusView(string Status, IReadOnlyList<FileStepView> Steps, string? Error);

/// <summary>One processing step.</summary>
/// <param name="JobId">Its job.</param>
/// <param name="Processor">What runs: thumbnail, text and others.</param>
/// <param name="Variant">The name of what it makes.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Attempts">How often it was begun.</param>
/// <param name="Error">Why it failed, or why the last attempt did; null when nothing failed.</param>
/// <param name="Since">When it took on this status.</param>
public sealed record FileStepView(
    JobId JobId, string Processor, string Variant, StepStatus Status, int Attempts, string? Error, DateTimeOffset Since);

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
