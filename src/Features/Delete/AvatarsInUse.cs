using AccountsEvent = EventFiles.Features.Accounts.AccountsEvent;

namespace EventFiles.Features.Delete;

/// <summary>What the log says of pictures of people, from the events of their accounts, which are heard in their order.</summary>
internal sealed class AvatarsInUse
{
    private readonly Dictionary<AccountId, AvatarId> shown = [];
    private readonly Dictionary<AvatarId, NamedEvent?> ends = [];

    public void Hear(RecordedEvent happened)
    {
        switch (happened.Fact)
        {
            case AccountsEvent.AvatarChanged changed:
                End(changed.Account, happened);
                shown[changed.Account] = changed.Avatar;
                ends.TryAdd(changed.Avatar, null);
                break;
            case AccountsEvent.AvatarRemoved removed:
                End(removed.Account, happened);
                break;
            case AccountsEvent.Closed closed:
                End(closed.Account, happened);
                break;
        }
    }

    /// <summary>What is to be thought of it, and if it is over, which event ended it.</summary>
    public (Standing Standing, NamedEvent? Ended) StandingOf(AvatarId avatar) =>
        !ends.TryGetValue(avatar, out var ended) ? (Standing.Unknown, null)
        : ended is null ? (Standing.Kept, null)
        : (Standing.Over, ended);

    /// <summary>The event from which on it is shown to nobody; null while it is, and for one of which nothing was heard.</summary>
    public NamedEvent? Ended(AvatarId avatar) => ends.GetValueOrDefault(avatar);

    private void End(AccountId account, RecordedEvent happened)
    {
        if (shown.Remove(account, out var former))
            ends[former] = NamedEvent.Of(happened);
    }
}
