using System.Collections.Immutable;

namespace EventFiles.Features.Copy;

/// <summary>What happened to the copying of a folder. Stored for ever: add cases, never change one.</summary>
public abstract record CopyEvent
{
    private CopyEvent() { }

    /// <summary>The new folder is there, and space is set aside for all that is to come into it.</summary>
    /// <param name="Source">The folder that is copied.</param>
    /// <param name="Target">The new folder.</param>
    /// <param name="Files">How many files there were below it, as far as one saw.</param>
    /// <param name="Bytes">How many bytes they have together.</param>
    /// <param name="Until">When it is given up if nothing more is heard of it.</param>
    public sealed record Requested(
        CopyId Copy, FolderId Source, FolderId Target, int Files, long Bytes, DateTimeOffset Until) : CopyEvent;

    /// <summary>One page of what is in a folder has been copied.</summary>
    /// <param name="Into">The new folder that it belongs to.</param>
    /// <param name="Page">From 1.</param>
    /// <param name="FilesSoFar">How many files have been copied, this page's included.</param>
    /// <param name="BytesSoFar">How many bytes they have together.</param>
    /// <param name="Failures">What could not be copied of this page.</param>
    /// <param name="Folders">The folders on the page, which have been made and are empty so far.</param>
    /// <param name="Next">Where the next page begins; empty when this was the last.</param>
    public sealed record PageCopied(
        CopyId Copy, FolderId Into, int Page, int FilesSoFar, long BytesSoFar, ImmutableArray<CopyFailure> Failures,
        ImmutableArray<CopiedFolder> Folders, [Personal] string Next, DateTimeOffset Until) : CopyEvent;

    /// <summary>
    /// It is over: <c>done</c>, <c>incomplete</c> when something could not be copied, <c>cancelled</c>, or <c>abandoned</c>
    /// when nothing more was heard of it. What has been copied stays.
    /// </summary>
    public sealed record Ended(CopyId Copy, string Outcome) : CopyEvent;
}

/// <summary>A file or folder that could not be copied.</summary>
/// <param name="Entry">A file's or a folder's id.</param>
/// <param name="Code">The refusal's code.</param>
public sealed record CopyFailure(Guid Entry, string Code);

/// <summary>A folder, and the new one that is to hold copies of what is in it.</summary>
public sealed record CopiedFolder(FolderId Source, FolderId Target);
