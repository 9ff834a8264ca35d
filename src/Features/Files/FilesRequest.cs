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
