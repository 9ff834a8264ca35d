namespace EventFiles.Features.Folders;

/// <summary>A name stands once in a folder, over files and folders together: who holds it, and where.</summary>
internal static class EntryClaims
{
    /// <summary>Within a folder, a name is unique.</summary>
    public static string ScopeOf(FolderId folder) => $"folder-{folder}";

    public static Claim Of(FileId file, FolderId folder, string name) =>
        Claim.Of(HolderOf(file), ScopeOf(folder), EntryName.Key(name), EntryName.Taken);

    public static Claim Of(FolderId folder, FolderId parent, string name) =>
        Claim.Of(HolderOf(folder), ScopeOf(parent), EntryName.Key(name), EntryName.Taken);

    public static Claim None(FileId file) => Claim.None(HolderOf(file));

    public static Claim None(FolderId folder) => Claim.None(HolderOf(folder));

    /// <summary>
    /// A deleted folder gives its own name up, and nobody may have a name in it. Whoever puts something into a folder loads
    /// its stream in the same transaction (<see cref="IFolders.IsThere"/>): so one of the two finds out about the other.
    /// </summary>
    public static Claim Close(FolderId folder) =>
        Claim.Close(HolderOf(folder), ScopeOf(folder), FoldersRejection.NotEmpty);

    private static string HolderOf(FileId file) => $"file-{file}";

    private static string HolderOf(FolderId folder) => $"folder-{folder}";
}
