using EventFiles.Features.Groups;
using EventFiles.Features.Share;

namespace EventFiles.Features.Tests.Share;

/// <summary>Folders and groups of which nothing was heard yet, and who is what to files by them.</summary>
internal sealed class Told(TimeProvider clock)
{
    public Views<FolderAccessView> Folders { get; } = new(FolderAccessProjection.Define());

    public Views<GroupView> Groups { get; } = new(GroupsProjection.Define());

    public Standings Standings => new(Folders, new GroupRegister(Groups, null!), clock);

    /// <summary>What the account is to a file at that time, of which nothing else is known.</summary>
    public static Standing StandingOf(AccessView view, AccountId account, DateTimeOffset now)
    {
        // Nothing is asked that would have to be waited for.
        var standing = new Told(new StoppedClock(now)).Standings.Of(account, CancellationToken.None).To(view);
        Assert.True(standing.IsCompletedSuccessfully);
#pragma warning disable VSTHRD002 // It is there.
        return standing.Result;
#pragma warning restore VSTHRD002
    }
}

internal static class ToldOfFiles
{
    public static Standing StandingOf(this AccessView view, AccountId account, DateTimeOffset now) => Told.StandingOf(view, account, now);
}
