namespace EventFiles.Features.Files;

public abstract record FilesCommand
{
    private FilesCommand() { }

    /// <summary>Rename it, move it, or both.</summary>
    /// <param name="Folder">Null leaves the file where it is.</param>
    /// <param name="Name">Null leaves it as it is.</param>
    /// <param name="Seen">Where the file was when the caller looked: its first place stands in another stream.</param>
    /// <param name="OnlyIfUnchanged">Refuse when it was renamed or moved since the caller looked.</param>
    public sealed record Place(
        FileId File, FolderId? Folder, string? Name, Placement Seen, bool OnlyIfUnchanged) : FilesCommand;

    /// <summary>Make it another account's, there and under that name.</summary>
    public sealed record HandOver(FileId File, FolderId Folder, string Name, AccountId From, AccountId To) : FilesCommand;
}
