using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Accounts.LetterCommand;
using static EventFiles.Features.Accounts.LetterEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>The letters of one account whose links may still be good: of each kind the newest.</summary>
public sealed record LetterState(ImmutableDictionary<LetterKind, OpenLetter> Open)
{
    /// <summary>The letter, when its link is good at that time.</summary>
    public OpenLetter? Find(LetterId letter, DateTimeOffset now) =>
        Open.Values.FirstOrDefault(open => open.Id == letter && now < open.Until);
}

/// <summary>A letter whose link may be good.</summary>
/// <param name="Generation">The account's generation of sign-ins when it was asked for.</param>
public sealed record OpenLetter(LetterId Id, LetterKind Kind, string To, DateTimeOffset Until, int Generation);

public static class LetterDecider
{
    /// <summary>How long a link stays good that lets whoever has it in.</summary>
    public static readonly TimeSpan ResetLife = TimeSpan.FromMinutes(30);

    /// <summary>How long a link stays good that proves an address.</summary>
    public static readonly TimeSpan AddressLife = TimeSpan.FromDays(2);

    public static readonly Decider<LetterCommand, LetterState, LetterEvent> Decider = new(
        new LetterState(ImmutableDictionary<LetterKind, OpenLetter>.Empty), Evolve, Decide);

    public static StreamId StreamOf(AccountId account) => new($"letter-{account}", account);

    // Read from the top: the first row that matches is the rule.
    private static Decision<LetterEvent> Decide(LetterState letters, LetterCommand ask, DateTimeOffset now) => ask switch
    {
        Ask again when letters.Open.Values.Any(open => open.Id == again.Letter) => Decision<LetterEvent>.AlreadySo,
        Ask one => new Asked(
            one.Letter, one.Account, one.Kind, one.To,
            now + (one.Kind == LetterKind.ResetPassword ? ResetLife : AddressLife), one.Generation),

        Redeem link when letters.Find(link.Letter, now) is null => No.LinkSpent,
        Redeem link => new Redeemed(link.Letter),

        _ => throw new UnreachableException(),
    };

    private static LetterState Evolve(LetterState letters, LetterEvent happened) => happened switch
    {
        Asked asked => new LetterState(
            letters.Open.SetItem(asked.Kind, new OpenLetter(asked.Letter, asked.Kind, asked.To, asked.Until, asked.Generation))),
        Redeemed redeemed => new LetterState(letters.Open.RemoveRange(
            letters.Open.Where(open => open.Value.Id == redeemed.Letter).Select(open => open.Key))),
        _ => throw new UnreachableException(),
    };
}
