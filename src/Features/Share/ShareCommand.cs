namespace EventFiles.Features.Share;

public abstract record ShareCommand
{
    private ShareCommand() { }

    /// <summary>Lets an account or a group use it, or changes what they may.</summary>
    /// <param name="Share">The id of the grant, should it be a new one.</param>
    public sealed record Grant(
        ShareTarget On, AccountId Owner, ShareId Share, ShareGrantee Grantee, ShareRole Role, DateTimeOffset? Until) : ShareCommand
    {
        /// <summary>An editor may let others use it as well.</summary>
        public bool MayShare { get; init; }

        /// <summary>Who gives it; null for the owner.</summary>
        public AccountId? By { get; init; }
    }

    /// <summary>Lets whoever has, or will have, an account with that address use it, or changes what they may.</summary>
    /// <param name="Share">The id of the offer, should it be a new one.</param>
    /// <param name="Key">The address in its compared form.</param>
    public sealed record Offer(
        ShareTarget On, ShareId Share, string Email, string Key, ShareRole Role, DateTimeOffset? Until) : ShareCommand
    {
        /// <summary>An editor may let others use it as well.</summary>
        public bool MayShare { get; init; }

        /// <summary>Who gives it; null for the owner.</summary>
        public AccountId? By { get; init; }
    }

    /// <summary>An account has the address: what was offered there is theirs.</summary>
    public sealed record Take(ShareTarget On, AccountId Owner, ShareId Share, AccountId Account) : ShareCommand;

    /// <summary>It is another account's: who may use it may still, what the new owner had ends, and the former one gets what they keep.</summary>
    /// <param name="Kept">The id of what the former owner keeps.</param>
    /// <param name="Keeps">Null for nothing.</param>
    public sealed record HandOver(ShareTarget On, AccountId From, AccountId To, ShareId Kept, ShareRole? Keeps) : ShareCommand;

    public sealed record Revoke(ShareTarget On, ShareId Share) : ShareCommand;

    public sealed record End(ShareTarget On, ShareId Share) : ShareCommand;

    public sealed record Close(ShareTarget On) : ShareCommand;
}
