using System.Collections.Immutable;

namespace EventFiles.Features.Folders;

public abstract record FoldersCommand
{
    private FoldersCommand() { }

    /// <summary>Make it.</summary>
    /// <param name="Above">The parent and all folders above it, up to the root: as deep as the new folder will be.</param>
    public sealed record Create(FolderId Folder, FolderId Parent, string Name, ImmutableArray<FolderId> Above) : FoldersCommand;

    /// <summary>Rename it, move it, or both.</summary>
    /// <param name="Parent">Null leaves the folder where it is.</param>
    /// <param name="Name">Null leaves it as it is.</param>
    /// <param name="Above">The wanted parent and all folders above it, up to the root; empty when no parent is wanted.</param>
    public sealed record Place(FolderId Folder, FolderId? Parent, string? Name, ImmutableArray<FolderId> Above) : FoldersCommand;

    /// <summary>Make it another account's; what is in it follows.</summary>
    /// <param name="Above">The new parent and all folders above it, up to the new owner's root.</param>
    public sealed record HandOver(
        FolderId Folder, FolderId Parent, string Name, AccountId From, AccountId To, ImmutableArray<FolderId> Above) : FoldersCommand;

    /// <summary>Throw it away.</summary>
    /// <param name="With">Itself, or the one above it with which it goes.</param>

    public sealed record Trash(FolderId Folder, FolderId With) : FoldersCommand;

    /// <summary>Take it out of the trash.</summary>
    /// <param name="Name">Null for the name that it had.</param>
    /// <param name="Above">The parent and all folders above it, up to the root.</param>
    public sealed record Restore(FolderId Folder, FolderId Parent, string? Name, ImmutableArray<FolderId> Above) : FoldersCommand;

    /// <summary>Delete what lies in the trash for good.</summary>
    public sealed record Doom(FolderId Folder) : FoldersCommand;

    /// <summary>Leave it in the trash after all, because something in it may not be deleted.</summary>
    public sealed record Spare(FolderId Folder) : FoldersCommand;

    /// <summary>Delete it. Whether it is empty is not decided here but by the names that are claimed in it.</summary>
    public sealed record Remove(FolderId Folder) : FoldersCommand;
}
