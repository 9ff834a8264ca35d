using EventFiles.Features.Accounts;
using EventFiles.Features.Quota;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people do with their accounts and sessions, and what time and operators do to them.</summary>
internal sealed class AccountDeeds(Life life)
{
    // Past a lease, a lost reply, a link's end; seldom past an upload's life: nothing would come to its end.
    private static readonly TimeSpan[] Leaps =
    [
        TimeSpan.FromSeconds(40), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(20),
        TimeSpan.FromHours(2), TimeSpan.FromHours(25),
    ];

    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.SignIn => chance => life.SignIn(life.People.Any(chance)!),
        Deed.OpenPage => chance => life.OpenPage(life.People.Any(chance)!),
        Deed.Refresh => Refresh,
        Deed.SignOut => chance => As(chance, by => life.Do(new Logout(by))),
        Deed.EndSession => EndSession,
        Deed.EndOthers => chance => As(chance, by => life.Do(new EndOtherSessions(by))),
        Deed.ChangePassword => ChangePassword,
        Deed.RenameMe => chance => As(chance, by => life.Do(new ChangeMe(by, Names.Any(chance)))),
        Deed.ChangeAvatar => ChangeAvatar,
        Deed.SetLimit => SetLimit,
        Deed.Leap => Leap,
        _ => null,
    };

    private Task Leap(Random chance)
    {
        life.Clock.Leap(Leaps[chance.Next(Leaps.Length)]);
        return Task.CompletedTask;
    }

    // Twice in a row spends the first token for good; whoever shows that one again ends the session.
    private async Task Refresh(Random chance)
    {
        var person = life.People.Any(chance)!;
        var seat = person.Seats.Any(chance) ?? await life.SignIn(person);
        if (seat is null)
            return;
        for (var times = chance.Next(3); times >= 0; times--)
        {
            if (seat.Tokens.All is not [var first, ..] tokens)
                return;
            if (await life.Ask(new RefreshTokens((chance.Next(8) == 0 ? first : tokens[^1]).Secret)) is { } next)
                seat.Tokens.Add(new Token(next.RefreshToken));
        }
    }

    private async Task EndSession(Random chance)
    {
        var by = await life.Somebody(chance);
        var session = life.People.Any(chance)!.Seats.Any(chance)?.By.Session ?? by.Session;
        await life.Do(new EndSession(by, session));
    }

    private async Task ChangePassword(Random chance)
    {
        var person = life.People.Any(chance)!;
        if ((person.Seats.Any(chance) ?? await life.SignIn(person)) is not { } seat)
            return;
        var (old, next) = (chance.Next(4) == 0 ? "not the password" : person.Password, $"another one {chance.Next(100)}");
        if (await life.Do(new ChangeMyPassword(seat.By, old, next, "192.0.2.1")))
            person.Password = next;
    }

    // Looked for, too: who has to do with whom follows from views.
    private async Task ChangeAvatar(Random chance)
    {
        var by = await life.Somebody(chance);
        using var picture = new MemoryStream(chance.Next(3) == 0 ? Contents.Any(chance) : Contents.APicture);
        await life.Do(new ChangeMyAvatar(by, picture));
        if (await life.Ask(new OpenAvatar(by, life.People.Any(chance)!.Account)) is { } shown)
            await shown.Content.DisposeAsync();
        await life.Ask(new FindPeople(by, "", 50));
        if (chance.Next(2) == 0)
            await life.Do(new RemoveMyAvatar(by));
    }

    private async Task SetLimit(Random chance)
    {
        var by = chance.Next(4) == 0 ? await life.Somebody(chance) : life.Operator;
        long[] limits = [1500, 4000, 20_000, 5 << 20, 10L << 30];
        var (account, limit) = (life.People.Any(chance)!.Account, limits[chance.Next(limits.Length)]);
        // Every other one is a little above what there is: else few would ever be warned.
        if (chance.Next(2) == 0 && await life.Ask(new ReadAccountQuota(life.Operator, account)) is { UsedBytes: > 0 } now)
            limit = now.UsedBytes * 10 / 9;
        await life.Do(new SetQuotaLimit(by, account, limit)
        {
            Rules = chance.Next(2) == 0 ? QuotaRules.None : new QuotaRules(chance.Next(300), chance.Next(2, 40), 3 << 20),
        });
    }

    private async Task As(Random chance, Func<Caller, Task> deed) => await deed(await life.Somebody(chance));
}

/// <summary>Some are few enough to meet again, in other scripts too, some equal but for their case, one no name at all.</summary>
internal static class Names
{
    private static readonly string[] Few = ["a.txt", "A.TXT", "Ä", "ä", "\U0001F600.png", "履歴書.pdf", "file2.png", "no/name"];

    public static string Any(Random chance) =>
        chance.Next(3) == 0 ? Few[Math.Min(chance.Next(Few.Length), chance.Next(Few.Length))] : $"file{chance.Next(60)}.txt";
}
