using System.Collections.Immutable;

namespace EventFiles.Features.Copy;

public abstract record CopyCommand
{
    private CopyCommand() { }

    public sealed record Request(
        CopyId Copy, FolderId Source, FolderId Target, int Files, long Bytes, DateTimeOffset Until) : CopyCommand;

    /// <summary>Note that a page has been copied. Of a page that is not due, nothing is noted.</summary>
    /// <param name="Files">How many files of the page were copied.</param>
    /// <param name="Bytes">How many bytes they have together.</param>
    public sealed record NotePage(
        CopyId Copy, FolderId Into, int Page, int Files, long Bytes, ImmutableArray<CopyFailure> Failures,
        ImmutableArray<CopiedFolder> Folders, string Next, DateTimeOffset Until) : CopyCommand;

    public sealed record Cancel(CopyId Copy) : CopyCommand;

    /// <summary>Give it up if its time is over.</summary>
    public sealed record GiveUp(CopyId Copy) : CopyCommand;
}
