using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Accounts.PasskeyCommand;
using static EventFiles.Features.Accounts.PasskeyEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>The passkeys of one account.</summary>
/// <param name="Account">Null while it never had one.</param>
/// <param name="Spent">Digests of the challenges that were answered and might still seem good, with their ends.</param>
public sealed record PasskeyState(
    AccountId? Account, ImmutableDictionary<PasskeyId, KeptPasskey> Keys, ImmutableDictionary<string, DateTimeOffset> Spent)
{
    /// <summary>The passkey that the authenticator calls so.</summary>
    public KeptPasskey? Find(string credential) => Keys.Values.FirstOrDefault(key => key.Credential == credential);
}

/// <summary>A passkey that opens its account.</summary>
/// <param name="Credential">What the authenticator calls it, base64url.</param>
/// <param name="PublicKey">A COSE key, base64url.</param>
/// <param name="Uses">How often it was used, as the authenticator counted last.</param>
public sealed record KeptPasskey(PasskeyId Id, string Name, string Credential, string PublicKey, long Uses);

public static class PasskeyDecider
{
    /// <summary>So many of one account.</summary>
    public const int MostPasskeys = 20;

    public static readonly Decider<PasskeyCommand, PasskeyState, PasskeyEvent> Decider = new(
        new PasskeyState(
            null, ImmutableDictionary<PasskeyId, KeptPasskey>.Empty, ImmutableDictionary<string, DateTimeOffset>.Empty), Evolve, Decide);

    public static StreamId StreamOf(AccountId account) => new($"passkeys-{account}", account);

    // Read from the top: the first row that matches is the rule. What was answered once is answered never again.
    private static Decision<PasskeyEvent> Decide(PasskeyState known, PasskeyCommand ask, DateTimeOffset now) => ask switch
    {
        Add add when known.Keys.ContainsKey(add.Passkey) => Decision<PasskeyEvent>.AlreadySo,
        Add add when known.Spent.ContainsKey(add.Answered.Digest) || now >= add.Answered.Until => No.PasskeyUnproved,
        Add add when known.Find(add.Made.Credential) is not null => No.PasskeyTaken,
        Add when known.Keys.Count >= MostPasskeys => No.TooManyPasskeys,
        Add add => new Added(
            add.Passkey, add.Account, add.Name, add.Made.Credential, add.Made.PublicKey, add.Made.Uses, add.Made.IsSynced,
            add.Answered.Digest, add.Answered.Until),

        RemoveAll when known.Keys.IsEmpty => Decision<PasskeyEvent>.AlreadySo,
        RemoveAll => known.Keys.Keys.OrderBy(key => key.Value)
            .Select(key => (PasskeyEvent)new Removed(key, known.Account!.Value)).ToArray(),

        Use use when !known.Keys.ContainsKey(use.Passkey) => No.PasskeyRefused,
        Use use when known.Spent.ContainsKey(use.Answered.Digest) || now >= use.Answered.Until => No.PasskeyRefused,
        Use use when FallsBack(known.Keys[use.Passkey], use.Uses) => No.PasskeySuspected,
        Use use => new Used(use.Passkey, known.Account!.Value, use.Uses, use.Answered.Digest, use.Answered.Until),

        Suspect suspect when !known.Keys.TryGetValue(suspect.Passkey, out var key) || !FallsBack(key, suspect.Uses) =>
            Decision<PasskeyEvent>.AlreadySo,
        Suspect suspect => new Suspected(
            suspect.Passkey, known.Account!.Value, suspect.Uses, known.Keys[suspect.Passkey].Uses),

        Rename rename when !known.Keys.ContainsKey(rename.Passkey) => No.NoSuchPasskey,
        Rename rename when known.Keys[rename.Passkey].Name == rename.Name => Decision<PasskeyEvent>.AlreadySo,
        Rename rename => new Renamed(rename.Passkey, known.Account!.Value, rename.Name),

        Remove remove when !known.Keys.ContainsKey(remove.Passkey) => No.NoSuchPasskey,
        Remove remove => new Removed(remove.Passkey, known.Account!.Value),

        _ => throw new UnreachableException(),
    };

    // Level 3, 7.2, step 22. Who never counts says 0 each time.
    private static bool FallsBack(KeptPasskey key, long uses) => (uses != 0 || key.Uses != 0) && uses <= key.Uses;

    private static PasskeyState Evolve(PasskeyState known, PasskeyEvent happened) => happened switch
    {
        Added added => known with
        {
            Account = added.Account,
            Keys = known.Keys.SetItem(
                added.Passkey, new KeptPasskey(added.Passkey, added.Name, added.Credential, added.PublicKey, added.Uses)),
            Spent = Spend(known.Spent, added.ChallengeDigest, added.ChallengeUntil),
        },
        Used used => known with
        {
            Keys = known.Keys.SetItem(used.Passkey, known.Keys[used.Passkey] with { Uses = used.Uses }),
            Spent = Spend(known.Spent, used.ChallengeDigest, used.ChallengeUntil),
        },
        Suspected => known,
        Renamed renamed => known with
        {
            Keys = known.Keys.SetItem(renamed.Passkey, known.Keys[renamed.Passkey] with { Name = renamed.Name }),
        },
        Removed removed => known with { Keys = known.Keys.Remove(removed.Passkey) },
        _ => throw new UnreachableException(),
    };

    // When this one was answered, those were over that ended one life before it does.
    private static ImmutableDictionary<string, DateTimeOffset> Spend(
        ImmutableDictionary<string, DateTimeOffset> spent, string digest, DateTimeOffset until) =>
        spent.RemoveRange(spent.Where(one => one.Value <= until - Challenge.Life).Select(one => one.Key)).SetItem(digest, until);
}
