using EventFiles.Features.Accounts;
using EventFiles.Journeys.Tests;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people do with codes and tokens, and what administrators do with accounts.</summary>
internal sealed class SecretDeeds(Life life)
{
    private const string Home = "192.0.2.1";

    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.UseFactor => UseFactor,
        Deed.UsePasskey => UsePasskey,
        Deed.UseToken => UseToken,
        Deed.OpenService => OpenService,
        Deed.Disable => Disable,
        Deed.Appoint => Appoint,
        _ => null,
    };

    // Set up, used, and mostly taken away again: else the others could be few who sign in.
    private async Task UseFactor(Random chance)
    {
        var person = life.People.Any(chance)!;
        if (await life.Seated(person, chance) is not { } seat)
            return;
        if (await life.Ask(new PrepareFactor(seat.By, person.Password, Home)) is { } prepared)
        {
            var app = new Authenticator(prepared.Secret);
            if (await life.Ask(new ConfirmFactor(
                seat.By, chance.Next(6) == 0 ? "000000" : app.Code(life.Clock.GetUtcNow()), Home)) is { } recovery)
            {
                person.App = app;
                await life.SignIn(person);
                await life.Do(new Login(person.Email, person.Password, Life.Home, recovery.Codes[chance.Next(recovery.Codes.Count)]));
            }
        }

        var isGone = chance.Next(5) switch
        {
            0 => false,
            1 or 2 => await life.Do(new TakeFactor(life.Operator, person.Account)),
            _ => await life.Do(new RemoveFactor(seat.By, person.Password, Home)),
        };
        if (isGone)
            person.App = null;
    }

    // Made, used, copied and used behind its count, and now and then kept.
    private async Task UsePasskey(Random chance)
    {
        var person = life.People.Any(chance)!;
        if (await life.Seated(person, chance) is not { } seat
            || await life.Ask(new PreparePasskey(seat.By, chance.Next(8) == 0 ? "another password" : person.Password, Home)) is not { } asked)
            return;
        using var device = new PasskeyDevice
        {
            Origin = "https://files.example",
            Domain = "files.example",
            UserHandle = asked.User.Id,
            IsCounting = chance.Next(4) > 0,
            IsVerifying = chance.Next(8) > 0,
        };
        var made = device.Create(asked.Challenge);
        var add = new AddPasskey(seat.By, Names.Any(chance), new(made.Id, new(made.ClientData, made.Attestation)));
        if (await life.Ask(add) is not { } added)
            return;
        await life.Do(add);
        await SignIn(device);
        await SignIn(device);
        device.Uses = 0;
        await SignIn(device);
        if (chance.Next(2) == 0)
            await life.Do(new RenamePasskey(seat.By, added.Id, Names.Any(chance)));
        if (chance.Next(3) > 0)
            await life.Do(new RemovePasskey(seat.By, added.Id));
        await SignIn(device);
    }

    private async Task SignIn(PasskeyDevice device)
    {
        if (await life.Ask(new BeginPasskey()) is not { } asked)
            return;
        var said = device.Use(asked.Challenge);
        await life.Do(new LoginByPasskey(
            new(said.Id, new(said.ClientData, said.AuthenticatorData, said.Signature, said.UserHandle)), Life.Home));
    }

    private async Task UseToken(Random chance)
    {
        var by = await life.Somebody(chance);
        await Use(new IssueToken(by, Names.Any(chance), chance.Next(8) == 0 ? ["everything"] : ["read", "write"], null), by, chance);
    }

    private async Task OpenService(Random chance)
    {
        var by = chance.Next(5) == 0 ? await life.Somebody(chance) : life.Operator;
        if (await life.Ask(new OpenServiceAccount(by, "A program")) is { } made)
            await Use(new IssueToken(by, "for the program", ["read"], null, made.Id), by, chance);
    }

    private async Task Use(IssueToken issue, Caller by, Random chance)
    {
        if (await life.Ask(issue) is not { } issued)
            return;
        await life.Node.Get<ISessions>().RecogniseToken(issued.Token, CancellationToken.None);
        if (chance.Next(2) == 0)
            await life.Do(new RevokeToken(by, issued.Id));
    }

    // For a while, mostly.
    private async Task Disable(Random chance)
    {
        var person = life.People.Any(chance)!;
        if (!await life.Do(new SetDisabled(life.Operator, person.Account, true)))
            return;
        await life.SignIn(person);
        if (chance.Next(6) > 0)
            await life.Do(new SetDisabled(life.Operator, person.Account, false));
    }

    private async Task Appoint(Random chance)
    {
        var account = life.People.Any(chance)!.Account;
        if (await life.Do(new SetAdministrator(life.Operator, account, true)) && chance.Next(4) > 0)
            await life.Do(new SetAdministrator(life.Operator, account, false));
    }
}

/// <summary>An authenticator app: shows no code twice.</summary>
/// <param name="letters">The secret, as it is typed into one.</param>
internal sealed class Authenticator(string letters)
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private long used;

    public string Code(DateTimeOffset now)
    {
        used = Math.Max(Totp.StepAt(now), used + 1);
        return Totp.Code(Secret(), used);
    }

    private byte[] Secret()
    {
        var bytes = new byte[letters.Length * 5 / 8];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] |= (byte)(((Base32.IndexOf(letters[bit / 5], StringComparison.Ordinal) >> (4 - (bit % 5))) & 1) << (7 - (bit % 8)));
        return bytes;
    }
}
