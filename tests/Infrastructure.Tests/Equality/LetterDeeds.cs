using EventFiles.Features.Accounts;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people do with the letters that they get, and who comes by them.</summary>
internal sealed class LetterDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.ConfirmAddress => ConfirmAddress,
        Deed.ChangeAddress => ChangeAddress,
        Deed.ResetPassword => ResetPassword,
        Deed.Invite => Invite,
        Deed.ComeByProvider => ComeByProvider,
        _ => null,
    };

    // By the letter that came when the account was opened, or another one.
    private async Task ConfirmAddress(Random chance)
    {
        var (person, known) = (life.People.Any(chance)!, 0);
        if (chance.Next(3) == 0 && await life.Seated(person, chance) is { } seat)
        {
            known = life.Mail.Count(person.Email, "confirm");
            if (!await life.Do(new AskConfirmation(seat.By)))
                return;
        }

        if (await life.Mail.Next(person.Email, "confirm", known) is { } token)
            await life.Do(new ProveAddress(token));
    }

    // To one that nobody has, mostly.
    private async Task ChangeAddress(Random chance)
    {
        var person = life.People.Any(chance)!;
        if (await life.Seated(person, chance) is not { } seat)
            return;
        var email = chance.Next(6) == 0 ? life.People.Any(chance)!.Email : $"{Guid.NewGuid():n}@example.org";
        var known = life.Mail.Count(email, "confirm");
        if (await life.Do(new AskAddress(seat.By, email, person.Password, Anywhere(chance)))
            && await life.Mail.Next(email, "confirm", known) is { } token && await life.Do(new ProveAddress(token)))
            person.Email = email;
    }

    private async Task ResetPassword(Random chance)
    {
        var person = life.People.Any(chance)!;
        var (email, known, next) = (person.Email, life.Mail.Count(person.Email, "reset"), $"found again {chance.Next(100)}");
        if (!await life.Do(new AskReset(email, Anywhere(chance)))
            || await life.Mail.Next(email, "reset", known) is not { } token)
            return;
        if (await life.Do(new ResetMyPassword(token, next)))
            person.Password = next;
        if (chance.Next(3) == 0)
            await life.Do(new ResetMyPassword(token, "once more"));
    }

    private async Task Invite(Random chance)
    {
        var person = new Person($"{Guid.NewGuid():n}@example.org", "correct horse battery");
        var by = chance.Next(6) == 0 ? await life.Somebody(chance) : life.Operator;
        if (await life.Ask(new InvitePerson(by, person.Email)) is not { } invited)
            return;
        if (chance.Next(3) == 0)
        {
            await life.Do(new WithdrawInvitation(by, invited.Id));
            return;
        }

        if (await life.Mail.Next(person.Email, "invitation", 0) is { } token
            && await life.Ask(new RegisterAccount(person.Email, person.Password, "Invited", token)) is { } made)
        {
            person.Account = made.Id;
            life.People.Add(person);
        }
    }

    // Somebody new, or somebody whose address was proved here; and as often as not a second time.
    private async Task ComeByProvider(Random chance)
    {
        var email = chance.Next(2) == 0 ? life.People.Any(chance)!.Email : $"{Guid.NewGuid():n}@example.org";
        for (var times = chance.Next(2); times >= 0; times--)
        {
            if (await life.Ask(new BeginProvider()) is { } errand)
                await life.Do(new EndProvider($"subject-of-{email} {email}", errand.Address.Query["?state=".Length..], errand.Errand, Life.Home));
        }
    }

    // From one place nobody may ask for letters to everybody.
    private static string Anywhere(Random chance) => $"2001:db8::{chance.Next(1, 0xffff):x}";
}
