using System.Collections.Immutable;

namespace EventFiles.Features.Handover;

/// <summary>
/// What happened to a transfer of ownership. Stored for ever: add cases, never change one. Whose the file or folder was at
/// the beginning is the stream's tenant.
/// </summary>
public abstract record HandoverEvent
{
    private HandoverEvent() { }

    /// <summary>Its owner offers a file, or a folder with all that is in it, to another account.</summary>
    /// <param name="Entry">A file's or a folder's id.</param>
    /// <param name="To">Nobody's id where the address was nobody's.</param>
    /// <param name="Email">The address that was typed; empty when an account was named.</param>
    /// <param name="Keeps">What the owner may afterwards; null for nothing.</param>
    /// <param name="Until">When it ends by itself if nobody answers.</param>
    public sealed record Offered(
        HandoverId Handover, Guid Entry, bool IsFolder, AccountId To, [Personal(Of = PersonalOf.Another)] string Email, KeptRole? Keeps,
        DateTimeOffset Until) : HandoverEvent
    {
        /// <summary>Whose it is.</summary>
        public AccountId From { get; init; }
    }

    /// <summary>The other account takes it, and space is set aside there for all of it.</summary>
    /// <param name="Into">The folder of theirs that it goes into.</param>
    /// <param name="Files">How many files there were, as far as one saw.</param>
    /// <param name="Bytes">How many bytes their versions have together.</param>
    /// <param name="Until">When it is looked after if nothing more is heard of it.</param>
    public sealed record Accepted(HandoverId Handover, FolderId Into, int Files, long Bytes, DateTimeOffset Until) : HandoverEvent;

    /// <summary>The file or folder itself, or one page of what is in a folder, has gone over.</summary>
    /// <param name="Of">The folder whose page it is; null for what was offered itself.</param>
    /// <param name="Page">From 1.</param>
    /// <param name="FilesSoFar">How many files have gone over, this page's included.</param>
    /// <param name="BytesSoFar">How many bytes their versions have together.</param>
    /// <param name="Failures">What stays with the former owner, in their root folder.</param>
    /// <param name="Folders">The folders of the page, which have gone over and whose contents follow.</param>
    /// <param name="Next">Where the next page begins; empty when this was the last.</param>
    public sealed record PageMoved(
        HandoverId Handover, FolderId? Of, int Page, int FilesSoFar, long BytesSoFar, ImmutableArray<HandoverFailure> Failures,
        ImmutableArray<FolderId> Folders, [Personal] string Next, DateTimeOffset Until) : HandoverEvent;

    /// <summary>
    /// It is over: <c>done</c>, <c>incomplete</c> when something stays with the former owner, <c>declined</c>, <c>withdrawn</c>
    /// or <c>expired</c>.
    /// </summary>
    public sealed record Ended(HandoverId Handover, string Outcome) : HandoverEvent;
}

/// <summary>A file or folder that did not go over.</summary>
/// <param name="Entry">A file's or a folder's id.</param>
/// <param name="Code">The refusal's code.</param>
public sealed record HandoverFailure(Guid Entry, string Code);
