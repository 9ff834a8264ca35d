using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>Finds people for whoever has to do with them. There is no list of all accounts to look in.</summary>
internal sealed class PeopleHandler(Acquaintances acquaintances, SessionRecognition recognition) :
    IRequestHandler<FindPeople, Answer<Page<PersonSummary>>>
{
    // More than anybody looks through; what is typed is not to cost more the more somebody shares.
    private const int MostLookedAt = 2000;

    public async Task<Answer<Page<PersonSummary>>> Handle(FindPeople ask, CancellationToken cancellationToken)
    {
        var query = ask.Query.Trim();
        var found = new Dictionary<string, PersonSummary>(StringComparer.Ordinal);
        var known = await acquaintances.Of(ask.By.Account, cancellationToken).Distinct()
            .Where(one => one.Account != ask.By.Account).Take(MostLookedAt).ToListAsync(cancellationToken);
        // Who is known by an account comes first, and is not there by their address a second time.
        foreach (var one in known.OrderBy(one => one.Account is null))
        {
            if (await Shown(one, cancellationToken) is { } person && Fits(person, query))
                found.TryAdd(EmailAddress.Key(person.Email) ?? person.Email, person);
        }

        return new Page<PersonSummary>(
            [
                .. found.Values.OrderBy(person => person.DisplayName ?? person.Email, StringComparer.InvariantCultureIgnoreCase)
                    .ThenBy(person => person.Email, StringComparer.Ordinal).Take(ask.Limit),
            ],
            null);
    }

    // A group's space gives things as well, and is nobody.
    private async Task<PersonSummary?> Shown(Acquaintance one, CancellationToken cancel) =>
        one.Account is not { } account ? new PersonSummary(null, one.Email!, null, null)
        : await recognition.Account(account, cancel) is { } view ? new PersonSummary(view.Id, view.Email, view.DisplayName, view.Avatar)
        : null;

    private static bool Fits(PersonSummary person, string query) =>
        person.Email.StartsWith(query, StringComparison.InvariantCultureIgnoreCase)
        || (person.DisplayName is { } name
            && (name.StartsWith(query, StringComparison.InvariantCultureIgnoreCase)
                || name.Split(' ').Any(word => word.StartsWith(query, StringComparison.InvariantCultureIgnoreCase))));
}

/// <summary>Whom a person has to do with, from all slices that bring people together.</summary>
internal sealed class Acquaintances(IEnumerable<IAcquaintances> all)
{
    public IAsyncEnumerable<Acquaintance> Of(AccountId account, CancellationToken cancel) =>
        all.ToAsyncEnumerable().SelectMany(kind => kind.Of(account, cancel));

    /// <summary>Whether one may see the other. Whoever was named by an address alone is seen by nobody through it.</summary>
    public ValueTask<bool> Know(AccountId one, AccountId other, CancellationToken cancel) =>
        Of(one, cancel).AnyAsync(known => known.Account == other, cancel);
}
