namespace EventFiles.Features.Delete;

/// <summary>A file's way out. Stored for ever: add cases, never change one.</summary>
public abstract record DeleteEvent
{
    private DeleteEvent() { }

    /// <summary>It lies in its owner's trash: nobody else sees it, its name is free, its space still taken.</summary>
    public sealed record Trashed(FileId File, AccountId By) : DeleteEvent;

    /// <summary>It lies in the trash with a folder that was thrown away; its name waits for it there, its space is still taken.</summary>
    /// <param name="In">The folder that it was in.</param>
    /// <param name="With">The folder that was thrown away: that one, or one above it.</param>
    public sealed record TrashedWith(FileId File, FolderId In, FolderId With, AccountId By) : DeleteEvent;

    /// <summary>It is back, in this folder and under this name.</summary>
    public sealed record Restored(FileId File, AccountId By, FolderId Folder, [Personal] string Name) : DeleteEvent;

    /// <summary>It is to be deleted for good. There is no way back from here.</summary>
    public sealed record Requested(FileId File, AccountId By) : DeleteEvent;

    /// <summary>The original, all versions and all variants are gone from the object store.</summary>
    /// <param name="Objects">How many objects were removed.</param>
    public sealed record Purged(FileId File, int Objects) : DeleteEvent;

    /// <summary>
    /// After the removal every place was looked at again where something of it had been or might be, and nothing was there.
    /// </summary>
    /// <param name="Originals">How many originals were there to remove; versions with the same bytes have one.</param>
    /// <param name="Variants">How many variants.</param>
    /// <param name="Uploads">How many unfinished uploads that were to become versions of it.</param>
    /// <param name="Bytes">How many bytes all these had.</param>
    /// <param name="Places">How many places were looked at again.</param>
    public sealed record Verified(FileId File, int Originals, int Variants, int Uploads, long Bytes, int Places) : DeleteEvent;
}
