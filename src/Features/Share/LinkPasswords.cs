using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>The passwords of links: set before a link is there, asked for at its door, forgotten with it.</summary>
internal sealed class LinkPasswords(IPasswords passwords, LinkTries tries)
{
    /// <summary>Makes a link that is never open without its password, if it is to have one.</summary>
    public async Task<Answer<T>> Guard<T>(
        LinkId link, string? password, Func<Task<Answer<T>>> make, CancellationToken cancel)
    {
        // Before the link. A hash whose link never came to be opens nothing.
        if (password is not null && await passwords.Set(HolderOf(link), password, cancel) is { } unset)
            return unset;
        var made = await make();
        if (made.Refusal is not null && password is not null)
            await passwords.Remove(HolderOf(link), cancel);
        return made;
    }

    /// <summary>Looks at the password that a visitor brought.</summary>
    /// <returns>Why it does not let them in, or null.</returns>
    public async Task<Rejection?> Ask(LinkId link, LinkVisit visit, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(visit.Password))
            return No.PasswordNeeded;
        if (await tries.Take(link, visit.Address, cancel) is { } wait)
            return No.TooManyTries with { RetryAfter = wait };

        var verified = await passwords.Verify(HolderOf(link), visit.Password, cancel);
        if (verified is Answer<bool>.Yes(false, _))
            return No.PasswordWrong;
        await tries.GiveBack(link, visit.Address);
        return verified.Refusal;
    }

    public Task Forget(LinkId link, CancellationToken cancel) => passwords.Remove(HolderOf(link), cancel);

    // Under which name a link's password is kept.
    private static string HolderOf(LinkId link) => $"link-{link}";
}
