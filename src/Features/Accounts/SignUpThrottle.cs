namespace EventFiles.Features.Accounts;

/// <summary>Slows down who opens accounts without end, or tries out which addresses have one.</summary>
internal sealed class SignUpThrottle(ITries tries, AccountsOptions options)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>A sign-up from that network address, whether or not an account comes of it.</summary>
    /// <returns>Why not, with the time to wait; or null.</returns>
    public async Task<Rejection?> Take(string? address, CancellationToken cancel) =>
        options.SignUpsPerHour is { } most && address is not null
        && await tries.Take($"sign-ups from {address}", [new TryLimit("any", most, Window)], cancel) is { } wait
            ? AccountsRejection.TooManySignUps with { RetryAfter = wait }
            : null;
}
