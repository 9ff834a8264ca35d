using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Accounts.FactorCommand;
using static EventFiles.Features.Accounts.FactorEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>The second factor of one account.</summary>
/// <param name="Account">Null while none was ever prepared.</param>
/// <param name="Prepared">The sealed secret that waits for its first code.</param>
/// <param name="Secret">The sealed secret that counts; null when there is no second factor.</param>
/// <param name="UsedUpTo">The half minute of the newest code that was used.</param>
/// <param name="Recovery">Digests of the recovery codes that are left.</param>
public sealed record FactorState(
    AccountId? Account, string? Prepared, string? Secret, long UsedUpTo, ImmutableHashSet<string> Recovery);

public static class FactorDecider
{
    public static readonly Decider<FactorCommand, FactorState, FactorEvent> Decider = new(
        new FactorState(null, null, null, 0, []), Evolve, Decide);

    public static StreamId StreamOf(AccountId account) => new($"factor-{account}", account);

    // Read from the top: the first row that matches is the rule. A code is good once, and none that is older afterwards.
    private static Decision<FactorEvent> Decide(FactorState factor, FactorCommand ask, DateTimeOffset now) =>
        (factor.Account, ask) switch
        {
            (_, Prepare) when factor.Secret is not null => No.FactorIsOn,
            (_, Prepare prepare) => new Prepared(prepare.Account, prepare.Secret),
            (_, Remove) when factor.Secret is null && factor.Prepared is null => Decision<FactorEvent>.AlreadySo,

            (null, _) => No.NoFactor,

            (_, Confirm) when factor.Secret is not null => No.FactorIsOn,
            (_, Confirm) when factor.Prepared is null => No.NoFactor,
            (_, Confirm confirm) when confirm.Step <= factor.UsedUpTo => No.WrongCode,
            ({ } id, Confirm confirm) => new Confirmed(id, confirm.Step, confirm.RecoveryDigests),

            ({ } id, Remove remove) => new Removed(id, remove.By),

            (_, _) when factor.Secret is null => No.NoFactor,
            (_, UseCode use) when use.Step <= factor.UsedUpTo => No.WrongCode,
            ({ } id, UseCode use) => new CodeUsed(id, use.Step),
            (_, UseRecoveryCode use) when !factor.Recovery.Contains(use.Digest) => No.WrongCode,
            ({ } id, UseRecoveryCode use) => new RecoveryCodeUsed(id, use.Digest),

            _ => throw new UnreachableException(),
        };

    private static FactorState Evolve(FactorState factor, FactorEvent happened) => happened switch
    {
        Prepared prepared => factor with { Account = prepared.Account, Prepared = prepared.Secret },
        Confirmed confirmed => factor with
        {
            Prepared = null,
            Secret = factor.Prepared,
            UsedUpTo = confirmed.Step,
            Recovery = [.. confirmed.RecoveryDigests],
        },
        CodeUsed used => factor with { UsedUpTo = used.Step },
        RecoveryCodeUsed used => factor with { Recovery = factor.Recovery.Remove(used.Digest) },
        // Codes that were used stay used: the same secret may be given to nobody again, but time goes on.
        Removed => factor with { Prepared = null, Secret = null, Recovery = [] },
        _ => throw new UnreachableException(),
    };
}
