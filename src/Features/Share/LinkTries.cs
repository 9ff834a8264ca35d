namespace EventFiles.Features.Share;

/// <summary>Slows down who guesses a link's password: so many tries per link and address, then a pause.</summary>
internal sealed class LinkTries(ITries tries)
{
    /// <summary>Wrong passwords, and passwords being checked, within the window.</summary>
    public const int MaxTries = 10;

    /// <summary>How long a try counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Takes a try before the password is looked at, so that guesses sent at once count as well.
    /// </summary>
    /// <returns>How long to wait when there is none left; null when there was one.</returns>
    public Task<TimeSpan?> Take(LinkId link, string address, CancellationToken cancel) =>
        tries.Take(From(address), [new TryLimit(link.ToString(), MaxTries, Window)], cancel);

    /// <summary>The password was right, or could not be looked at: the try does not count.</summary>
    public Task GiveBack(LinkId link, string address) => tries.GiveBack(From(address), link.ToString());

    private static string From(string address) => $"link from {address}";
}
