using System.Collections.Immutable;

namespace EventFiles.Features.Handover;

public abstract record HandoverCommand
{
    private HandoverCommand() { }

    public sealed record Offer(
        HandoverId Handover, Guid Entry, bool IsFolder, AccountId From, AccountId To, string Email, KeptRole? Keeps,
        DateTimeOffset Until) : HandoverCommand;

    /// <summary>Take it, where space was set aside for all of it.</summary>
    public sealed record Accept(HandoverId Handover, FolderId Into, int Files, long Bytes, DateTimeOffset Until) : HandoverCommand;

    public sealed record Decline(HandoverId Handover) : HandoverCommand;

    public sealed record Withdraw(HandoverId Handover) : HandoverCommand;

    /// <summary>End it if its time is over.</summary>
    public sealed record Expire(HandoverId Handover) : HandoverCommand;

    /// <summary>Note that a page has gone over. Of a page that is not due, nothing is noted.</summary>
    /// <param name="Files">How many files of the page went over.</param>
    /// <param name="Bytes">How many bytes their versions have together.</param>
    public sealed record NotePage(
        HandoverId Handover, FolderId? Of, int Page, int Files, long Bytes, ImmutableArray<HandoverFailure> Failures,
        ImmutableArray<FolderId> Folders, string Next, DateTimeOffset Until) : HandoverCommand;
}
