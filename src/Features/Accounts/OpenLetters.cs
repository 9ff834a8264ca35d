namespace EventFiles.Features.Accounts;

/// <summary>A letter or invitation whose link is good now.</summary>
/// <param name="What">confirmAddress, changeAddress, resetPassword or invitation.</param>
/// <param name="Link">The secret is in it; without an address of the server it begins with a slash.</param>
public sealed record PrintedLetter(string What, string To, DateTimeOffset Until, string Link);

/// <summary>The letters that an operator hands over where no mail server does.</summary>
public static class OpenLetters
{
    private static readonly Type[] Facts =
    [
        typeof(LetterEvent.Asked), typeof(LetterEvent.Redeemed), typeof(InvitationEvent.Invited), typeof(InvitationEvent.Accepted),
        typeof(InvitationEvent.Withdrawn),
    ];

    // An address to make links with; it does not stand in them when the server's is not known.
    private static readonly Uri Nowhere = new("http://nowhere.invalid");

    /// <summary>Reads the whole log; the oldest first.</summary>
    public static async Task<IReadOnlyList<PrintedLetter>> Read(
        IStreams streams, ISeals seals, Uri? site, DateTimeOffset now, CancellationToken cancel)
    {
        var (open, names) = (new Dictionary<string, PrintedLetter>(StringComparer.Ordinal), new Dictionary<LetterId, string>());
        await foreach (var happened in streams.ReadAll(Facts, cancel))
        {
            switch (happened.Fact)
            {
                case LetterEvent.Asked asked:
                    // Of each kind the newest counts.
                    open[$"{asked.Account} {asked.Kind}"] = new PrintedLetter(
                        char.ToLowerInvariant($"{asked.Kind}"[0]) + $"{asked.Kind}"[1..], asked.To, asked.Until,
                        Link(site, asked.Kind == LetterKind.ResetPassword ? "reset" : "confirm", LetterToken.Of(seals, asked.Account, asked.Letter)));
                    names[asked.Letter] = $"{asked.Account} {asked.Kind}";
                    break;
                case LetterEvent.Redeemed redeemed:
                    open.Remove(names.GetValueOrDefault(redeemed.Letter, ""));
                    break;
                case InvitationEvent.Invited invited:
                    open[$"{invited.Invitation}"] = new PrintedLetter(
                        "invitation", invited.Email, invited.Until, Link(site, "invitation", LetterToken.Of(seals, invited.By, invited.Invitation)));
                    break;
                case InvitationEvent.Accepted accepted:
                    open.Remove($"{accepted.Invitation}");
                    break;
                case InvitationEvent.Withdrawn withdrawn:
                    open.Remove($"{withdrawn.Invitation}");
                    break;
            }
        }

        return [.. open.Values.Where(letter => now < letter.Until).OrderBy(letter => letter.Until)];
    }

    private static string Link(Uri? site, string what, string token)
    {
        var link = LetterText.Link(site ?? Nowhere, what, token);
        return site is null ? link.PathAndQuery + link.Fragment : link.ToString();
    }
}
