using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

// What slices do when a file or folder gets another owner. Each passes on what it tells of it, all in one transaction.

/// <summary>A file that gets another owner: it keeps its id, and what is told of it from here on is told of the new owner's.</summary>
/// <param name="Folder">Where it is from here on.</param>
/// <param name="Name">What it is called there.</param>
/// <param name="Contents">Its versions that are to be had, and the new owner's bytes for each.</param>
/// <param name="From">The new owner's space that was set aside for it and for others.</param>
public sealed record FileHandover(
    FileId File, AccountId Former, AccountId Owner, FolderId Folder, string Name, ImmutableArray<HandedContent> Contents,
    Allotment From)
{
    /// <summary>What the former owner may from here on; null for nothing.</summary>
    public KeptRole? Keeps { get; init; }
}

/// <summary>A version of a file that gets another owner.</summary>
/// <param name="Upload">By which the file has its bytes from here on; versions with the same bytes have the same one.</param>
/// <param name="Sha256">Lower-case hex. Personal.</param>
/// <param name="Before">Where they are stored now.</param>
/// <param name="Label">Personal; empty for none.</param>
public sealed record HandedContent(
    int Version, UploadId Upload, string ContentType, long SizeBytes, string Sha256, ObjectKey Before, string Label)
{
    public ObjectKey StoredAs => ObjectKey.Raw(Upload);
}

/// <summary>A folder that gets another owner, by itself: what is in it follows one by one.</summary>
/// <param name="Parent">Where it is from here on.</param>
/// <param name="Name">What it is called there.</param>
public sealed record FolderHandover(FolderId Folder, AccountId Former, AccountId Owner, FolderId Parent, string Name)
{
    /// <summary>What the former owner may from here on; null for nothing.</summary>
    public KeptRole? Keeps { get; init; }
}

/// <summary>What a former owner keeps.</summary>
[JsonConverter(typeof(KeptRoleJson))]
public enum KeptRole { Viewer, Commenter, Editor }

/// <summary>Words in JSON, never numbers.</summary>
internal sealed class KeptRoleJson() : JsonStringEnumConverter<KeptRole>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>Passes on what one slice tells of a file. Each slice that keeps streams of a file under its owner's name has one.</summary>
public interface IHandsOverFiles
{
    /// <summary>Says why not, or null.</summary>
    Task<Rejection?> HandOver(ITransaction transaction, FileHandover what);
}

/// <summary>The same of a folder.</summary>
public interface IHandsOverFolders
{
    /// <summary>Says why not, or null.</summary>
    Task<Rejection?> HandOver(ITransaction transaction, FolderHandover what);
}

/// <summary>Looks into files that get another owner. Implemented by the Files slice.</summary>
public interface IHandedFiles
{
    /// <summary>The versions of a file that are to be had, as the log has them now; none when there is no such file any more.</summary>
    Task<IReadOnlyList<LoggedVersion>> Versions(FileId file, CancellationToken cancel);

    /// <summary>Whether it went over to that owner: as the log has it, where views may tell a moment late.</summary>
    Task<bool> WentTo(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>Moves a file to where its owner sees it, as one that stays theirs.</summary>
    Task<Rejection?> Leave(ITransaction transaction, AccountId owner, FileId file, string name);
}

/// <summary>Looks into folders that get another owner. Implemented by the Folders slice.</summary>
public interface IHandedFolders
{
    /// <summary>Whether it went over to that owner: as the log has it, where views may tell a moment late.</summary>
    Task<bool> WentTo(ITransaction transaction, AccountId owner, FolderId folder);
}

/// <summary>Writes the bytes of a file anew for whom it goes to. Implemented by the Upload slice.</summary>
public interface IHandedBytes
{
    /// <summary>
    /// Makes the new owner's own object of each content, once for versions with the same bytes; safe to repeat, and found by
    /// whoever looks for what nothing stands for.
    /// </summary>
    /// <returns>Why not, or null.</returns>
    Task<Rejection?> Write(AccountId owner, FileId file, IReadOnlyList<HandedContent> contents, CancellationToken cancel);

    /// <summary>Lets go of what was written for a file that stays where it is.</summary>
    Task Drop(AccountId owner, FileId file, IReadOnlyList<HandedContent> contents, CancellationToken cancel);
}

/// <summary>A version of a file, from the log.</summary>
/// <param name="Sha256">Lower-case hex. Personal.</param>
/// <param name="Label">Personal; empty for none.</param>
public sealed record LoggedVersion(
    int Version, UploadId Upload, string ContentType, long SizeBytes, string Sha256, ObjectKey StoredAs, string Label);

/// <summary>The transfers of ownership that an account has part in. Implemented by the Handover slice.</summary>
public interface IHandoversOfAccount
{
    /// <summary>Ends those that nobody has accepted yet.</summary>
    /// <returns>How many are under way still.</returns>
    Task<int> End(AccountId account, CancellationToken cancel);
}

/// <summary>What a transfer of ownership refuses in several slices.</summary>
public static class HandoverRejections
{
    /// <summary>To whoever does it: look again.</summary>
    public static readonly Rejection Changed = new(
        "handover.changed-meanwhile", RejectionKind.Conflict, "The file has changed while its bytes were written anew.");

    /// <summary>What is to be erased goes to nobody, and who is to be erased neither gives nor takes.</summary>
    public static readonly Rejection ToBeErased = new(
        "handover.to-be-erased", RejectionKind.Conflict, "It is to be erased, or one of the two accounts is.");

    /// <summary>To whoever does it: come again.</summary>
    public static readonly Rejection Busy = new(
        "handover.busy", RejectionKind.Conflict, "Something is being made of the file.");
}
