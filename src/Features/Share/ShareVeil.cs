namespace EventFiles.Features.Share;

/// <summary>
/// What tells that an address is somebody's, as a file's history is read from its beginning: that an offer was taken, and what
/// became of the grant that was made then. What was offered says the same to everybody.
/// </summary>
internal sealed class ShareVeil
{
    private readonly HashSet<ShareId> offers = [];

    /// <summary>Asked of every event in their order.</summary>
    public bool Hides(RecordedEvent happened)
    {
        if (happened.Fact is ShareEvent.Offered offered)
            offers.Add(offered.Share);
        return happened.Fact switch
        {
            ShareEvent.Taken => true,
            ShareEvent.Granted granted => offers.Contains(granted.Share),
            ShareEvent.Changed changed => offers.Contains(changed.Share),
            ShareEvent.Revoked revoked => offers.Contains(revoked.Share),
            ShareEvent.Ended ended => offers.Contains(ended.Share),
            _ => false,
        };
    }
}
