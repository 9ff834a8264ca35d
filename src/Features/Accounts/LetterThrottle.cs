namespace EventFiles.Features.Accounts;

/// <summary>Keeps others from filling somebody's mailbox by us, and from asking for letters without end.</summary>
internal sealed class LetterThrottle(ITries tries)
{
    /// <summary>Where nobody is known to ask.</summary>
    public const string Anybody = "anybody";

    public const int PerMailbox = 5;
    public const int PerAddress = 30;
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>A letter to that mailbox.</summary>
    /// <param name="asker">Who asks, or <see cref="Anybody"/>.</param>
    /// <returns>Why not, with the time to wait; or null.</returns>
    public async Task<Rejection?> Take(string email, string asker, CancellationToken cancel) => Refusal(await tries.Take(
        $"letters to {EmailAddress.Key(email)}", [new TryLimit($"asked by {asker}", PerMailbox, Window)], cancel));

    /// <summary>A request from that network address.</summary>
    /// <returns>Why not, with the time to wait; or null.</returns>
    public async Task<Rejection?> TakeFrom(string address, CancellationToken cancel) => Refusal(await tries.Take(
        $"letters asked from {address}", [new TryLimit("any", PerAddress, Window)], cancel));

    private static Rejection? Refusal(TimeSpan? wait) =>
        wait is { } time ? AccountsRejection.TooManyLetters with { RetryAfter = time } : null;
}
