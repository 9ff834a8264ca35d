using FluentValidation;
using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Moves a file to its owner's trash.</summary>
public sealed record TrashFile(Caller By, FileId File) : IRequest<Answer<Done>>, IAsked;

/// <summary>Deletes a file for good, trashed or not.</summary>
public sealed record DeleteFile(Caller By, FileId File) : IRequest<Answer<Done>>, IAsked;

/// <summary>Takes a file out of the trash.</summary>
public sealed record RestoreFile(Caller By, FileId File) : IRequest<Answer<FileSummary>>, IAsked;

/// <summary>What lies in the caller's trash, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListTrash(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<TrashedFile>>>, IAsked
{
    /// <summary>The group whose space's trash is wanted instead; null for none.</summary>
    public GroupId? Space { get; init; }
}

/// <summary>Deletes for good all that lies in the caller's trash now.</summary>
public sealed record EmptyTrash(Caller By) : IRequest<Answer<EmptiedTrash>>, IAsked
{
    /// <summary>The group whose space's trash is meant instead; null for none.</summary>
    public GroupId? Space { get; init; }
}

/// <summary>Makes sure that nothing is left of a file that is to be deleted for good.</summary>
public sealed record PurgeFile(FileId File, AccountId Owner) : IWork;

/// <summary>Asks for the deletion of all that was in the trash at that time.</summary>
public sealed record EmptyTrashOf(AccountId Owner, DateTimeOffset Until) : IWork
{
    /// <summary>Who asked for it; null for the owner.</summary>
    public AccountId? By { get; init; }
}

/// <summary>Makes sure that all that is in a folder which was thrown away lies in the trash with it.</summary>
public sealed record TrashContents(FolderId Folder, FolderId With, AccountId Owner) : IWork;

/// <summary>Makes sure that all that went with a folder comes back with it.</summary>
public sealed record RestoreContents(FolderId Folder, FolderId With, AccountId Owner) : IWork;

/// <summary>Makes sure that nothing is left of a folder that is to be deleted for good, nor of what went with it.</summary>
public sealed record PurgeFolder(FolderId Folder, AccountId Owner) : IWork;

/// <summary>A file or folder in the trash.</summary>
/// <param name="Kind">file or folder; what is in a folder went with it and is not listed by itself.</param>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="Name">As its owner gave it.</param>
/// <param name="SizeBytes">Bytes of a file's current version; 0 for a folder.</param>
/// <param name="TrashedAt">When it was thrown away.</param>
/// <param name="FolderId">Where it was; it goes back there if the folder still exists.</param>
public sealed record TrashedFile(
    string Kind,
    Guid Id,
    string Name,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    DateTimeOffset TrashedAt,
    FolderId FolderId);

/// <summary>The trash is being emptied.</summary>
/// <param name="Files">How many files and folders were listed in it and go.</param>
/// <param name="Kept">How many stay, because something keeps them: a legal hold, or a rule.</param>
public sealed record EmptiedTrash(int Files, int Kept);

internal sealed class ListTrashShape : AbstractValidator<ListTrash>
{
    public ListTrashShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
