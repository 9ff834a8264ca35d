using FluentValidation;
using MediatR;

namespace EventFiles.Features.Folders;

/// <summary>Makes a folder.</summary>
/// <param name="Parent">Null for the caller's root.</param>
public sealed record CreateFolder(Caller By, string Name, FolderId? Parent) : IRequest<Answer<FolderView>>, IAsked;

/// <summary>One folder and the way to it.</summary>
public sealed record ReadFolder(Caller By, FolderId Folder) : IRequest<Answer<FolderWithPath>>, IAsked;

/// <summary>One folder and the way to it, as both were.</summary>
public sealed record ReadFormerFolder(Caller By, FolderId Folder, string AsOf) : IRequest<Answer<FolderWithPath>>, IAsked;

/// <summary>What is in a folder.</summary>
/// <param name="Sort">One of <see cref="ChildrenSort.Words"/>.</param>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListChildren(Caller By, FolderId Folder, string Sort, string? Cursor, int Limit) :
    IRequest<Answer<Page<EntryView>>>, IAsked;

/// <summary>What was in a folder.</summary>
/// <param name="Sort">One of <see cref="ChildrenSort.Words"/>.</param>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListFormerChildren(Caller By, FolderId Folder, string Sort, string? Cursor, int Limit, string AsOf) :
    IRequest<Answer<Page<EntryView>>>, IAsked;

/// <summary>Renames a folder, moves it, or both. Null leaves as it is.</summary>
public sealed record ChangeFolder(Caller By, FolderId Folder, string? Name, FolderId? Parent) :
    IRequest<Answer<FolderView>>, IAsked;

/// <summary>Removes an empty folder.</summary>
public sealed record DeleteFolder(Caller By, FolderId Folder) : IRequest<Answer<Done>>, IAsked;

/// <summary>Throws a folder away with all that is in it.</summary>
public sealed record TrashFolder(Caller By, FolderId Folder) : IRequest<Answer<Done>>, IAsked;

/// <summary>Takes a folder out of the trash, with all that went with it.</summary>
public sealed record RestoreFolder(Caller By, FolderId Folder) : IRequest<Answer<FolderView>>, IAsked;

/// <summary>Deletes a folder that lies in the trash for good, with all that went with it.</summary>
public sealed record DoomFolder(Caller By, FolderId Folder) : IRequest<Answer<Done>>, IAsked;

/// <summary>A folder.</summary>
/// <param name="Id">The root's is its owner's account id.</param>
/// <param name="Name">As its owner gave it; empty for the root.</param>
/// <param name="ParentId">The folder it is in; null for the root.</param>
/// <param name="CreatedAt">Null for the root, which was always there.</param>
public sealed record FolderView(FolderId Id, string Name, FolderId? ParentId, DateTimeOffset? CreatedAt);

/// <summary>A folder and the way to it.</summary>
/// <param name="Id">The root's is its owner's account id.</param>
/// <param name="Name">As its owner gave it; empty for the root.</param>
/// <param name="ParentId">The folder it is in; null for the root.</param>
/// <param name="CreatedAt">Null for the root, which was always there.</param>
/// <param name="Path">
/// The folders above it, the root first; empty for the root. At most the 100 nearest. Of somebody else's folder, those that
/// the caller may read; its parent's id is null when there is none.
/// </param>
public sealed record FolderWithPath(
    FolderId Id, string Name, FolderId? ParentId, DateTimeOffset? CreatedAt, IReadOnlyList<PathStep> Path);

/// <summary>One folder on the way to another.</summary>
/// <param name="Name">Empty for the root.</param>
public sealed record PathStep(FolderId Id, string Name);

/// <summary>A file or folder, as its folder's list shows it.</summary>
/// <param name="Kind">file or folder.</param>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="Name">Unique in its folder, whatever its case.</param>
/// <param name="SizeBytes">Bytes of a file's current version; 0 for a folder.</param>
/// <param name="ContentType">A file's media type; null for a folder.</param>
/// <param name="Status">A file's status: processing, ready, failed or infected; null for a folder.</param>
/// <param name="CreatedAt">When the folder was made, or the file's first version was complete.</param>
/// <param name="ModifiedAt">When the folder was last renamed or moved, or the file's current version was complete.</param>
/// <param name="Thumbnail">The name of the variant that is a small picture of the file; null while there is none.</param>
/// <param name="Version">A file's current version, from 1; 0 for a folder.</param>
/// <param name="Scan">The virus scanner's verdict on it: notScanned, clean, infected, unscannable or released; null for a folder.</param>
public sealed record EntryView(
    string Kind,
    Guid Id,
    string Name,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    string? ContentType,
    string? Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset ModifiedAt,
    string? Thumbnail,
    int Version,
    ScanVerdict? Scan);

internal sealed class CreateFolderShape : AbstractValidator<CreateFolder>
{
    public CreateFolderShape() => RuleFor(ask => ask.Name).Custom((name, shape) =>
    {
        if (EntryName.Problem(name) is { } problem)
            shape.AddFailure(problem);
    });
}

internal sealed class ChangeFolderShape : AbstractValidator<ChangeFolder>
{
    public ChangeFolderShape() => RuleFor(ask => ask.Name).Custom((name, shape) =>
    {
        if (name is not null && EntryName.Problem(name) is { } problem)
            shape.AddFailure(problem);
    });
}

internal sealed class ListChildrenShape : AbstractValidator<ListChildren>
{
    public ListChildrenShape()
    {
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
        RuleFor(ask => ask.Sort).Sorts();
    }
}

internal sealed class ListFormerChildrenShape : AbstractValidator<ListFormerChildren>
{
    public ListFormerChildrenShape()
    {
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
        RuleFor(ask => ask.Sort).Sorts();
    }
}

internal static class SortShape
{
    public static void Sorts<TAsk>(this IRuleBuilder<TAsk, string> rule) =>
        rule.Must(sort => ChildrenSort.Words.Contains(sort)).WithMessage($"One of {string.Join(", ", ChildrenSort.Words)}.");
}
