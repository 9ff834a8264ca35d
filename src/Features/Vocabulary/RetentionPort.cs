namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Rules that keep something for a time. Implemented by the Retention slice; asked, like <see cref="IHolds"/>, in the
/// transaction that decides a deletion.
/// </summary>
public interface IRetention
{
    /// <summary>Whether the file may not be deleted for good yet.</summary>
    Task<bool> KeepsFile(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>Whether the version may not be deleted yet.</summary>
    Task<bool> KeepsVersion(ITransaction transaction, AccountId owner, FileId file, int version);
}

/// <summary>What a rule answers, whoever wants to delete what it keeps.</summary>
public static class KeepingRejection
{
    public static readonly Rejection TooEarly = new(
        "retention.too-early", RejectionKind.Conflict, "The folder's rule keeps this for some time yet.");
}

/// <summary>Files' way out, as rules take it. Implemented by the Delete slice.</summary>
public interface IDeletion
{
    /// <summary>Deletes a file for good because a rule says so: whoever asks has looked what keeps it.</summary>
    Task<Rejection?> Delete(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>The same, if it still lies in the trash.</summary>
    Task<Rejection?> DeleteTrashed(ITransaction transaction, AccountId owner, FileId file);

    /// <summary>
    /// What has become of a file, as the log has it, whoever asks; null when there is none, or its first upload is not complete.
    /// </summary>
    Task<FileRemains?> Remains(FileId file, CancellationToken cancel);

    /// <summary>The files in an account's trash, and since when they lie there.</summary>
    IAsyncEnumerable<(FileId File, DateTimeOffset TrashedAt)> Trashed(AccountId owner, CancellationToken cancel);

    /// <summary>Deletes a folder for good, with all that went with it, if it still lies in the trash.</summary>
    Task<Rejection?> DeleteTrashed(ITransaction transaction, AccountId owner, FolderId folder);

    /// <summary>The folders that were thrown away and with which no file lies in the trash any more, and since when.</summary>
    IAsyncEnumerable<(FolderId Folder, DateTimeOffset TrashedAt)> TrashedWithoutFiles(AccountId owner, CancellationToken cancel);
}

/// <summary>What has become of a file, deleted for good or not.</summary>
/// <param name="Versions">How many it ever had.</param>
/// <param name="IsPurged">Nothing of it is left in the object store but what is others' too.</param>
/// <param name="Originals">How many originals were removed; of a file that is there none.</param>
/// <param name="Variants">How many variants were.</param>
/// <param name="Uploads">How many unfinished uploads that were to become versions of it.</param>
/// <param name="Bytes">How many bytes these had.</param>
/// <param name="Shared">Originals that stay, because other files of the owner have them; of a file that is there none.</param>
public sealed record FileRemains(
    AccountId Owner, int Versions, bool IsPurged, int Originals, int Variants, int Uploads, long Bytes, IReadOnlyList<ObjectKey> Shared);

/// <summary>How old a file is.</summary>
/// <param name="CreatedAt">When its first version was complete.</param>
/// <param name="Versions">Those that are to be had; at least the current one.</param>
public sealed record FileAge(DateTimeOffset CreatedAt, IReadOnlyList<VersionAge> Versions);

/// <summary>How old a version is.</summary>
public sealed record VersionAge(int Number, DateTimeOffset CreatedAt, bool HasLabel);
