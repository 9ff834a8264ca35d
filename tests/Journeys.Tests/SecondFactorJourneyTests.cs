using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Security.Cryptography;

namespace EventFiles.Journeys.Tests;

/// <summary>Codes by time and recovery codes, as a second step of signing in.</summary>
public sealed class SecondFactorJourneyTests(ServerFixture fixture)
{
    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30;

    [Fact]
    public async Task Signing_in_needs_a_code_once_each_or_a_recovery_code()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await olga.Post("api/me/second-factor", new { password = "wrong password" }).Problem(403, "accounts.wrong-password");
        await olga.Post("api/me/second-factor/confirm", new { code = "000000" }).Problem(409, "accounts.no-second-factor");
        var prepared = await olga.Post("api/me/second-factor", new { password = Person.Password }).Expect(200).Json();
        var secret = Read(prepared.GetProperty("secret").GetString()!);
        Assert.Contains($"secret={prepared.GetProperty("secret").GetString()}", prepared.GetProperty("uri").GetString(), StringComparison.Ordinal);
        await Login(olga, null).Expect(200); // Nothing counts before the app has shown a code.

        await WithinAStep();
        var step = Now;
        var codes = (await olga.Post("api/me/second-factor/confirm", new { code = Code(secret, step) }).Expect(200).Json())
            .GetProperty("codes").EnumerateArray().Select(code => code.GetString()!).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        Assert.True((await olga.Read("api/me")).GetProperty("hasSecondFactor").GetBoolean());

        await Login(olga, null).Problem(401, "accounts.code-needed");
        await Login(olga, null, "wrong password").Problem(401, "accounts.wrong-credentials");
        await Login(olga, Code(secret, step)).Problem(401, "accounts.wrong-code");
        var both = await Task.WhenAll(Login(olga, Code(secret, step + 1)), Login(olga, Code(secret, step + 1)));
        Assert.Equal([200, 401], both.Select(reply => (int)reply.StatusCode).Order());
        await Login(olga, Code(secret, step + 1)).Problem(401, "accounts.wrong-code");
        await Login(olga, codes[0].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal)).Expect(200);
        await Login(olga, codes[0]).Problem(401, "accounts.wrong-code");
        await olga.Http.PostAsJsonAsync("api/auth/web-session", new { email = olga.Email, password = Person.Password, code = codes[1] }).Expect(200);

        await olga.Post("api/me/second-factor/remove", new { password = Person.Password }).Expect(204);
        await Login(olga, null).Expect(200);
    }

    [Fact]
    public async Task Whoever_guesses_codes_must_wait_and_an_administrator_helps_who_lost_theirs()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var prepared = await olga.Post("api/me/second-factor", new { password = Person.Password }).Expect(200).Json();
        var secret = Read(prepared.GetProperty("secret").GetString()!);
        await olga.Post("api/me/second-factor/confirm", new { code = Code(secret, Now) }).Expect(200);
        for (var guess = 0; guess < 5; guess++)
            await Login(olga, $"not a code {guess}").Problem(401, "accounts.wrong-code");
        var refused = await Login(olga, Code(secret, Now + 1));
        await refused.Problem(429, "accounts.too-many-attempts");
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.FromMinutes(4));

        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        await ravi.Delete($"api/admin/accounts/{olga.Id}/second-factor").Problem(403, "accounts.administrators-only");
        await fixture.Administrator.Delete($"api/admin/accounts/{fixture.Administrator.Id}/second-factor").Problem(409, "accounts.not-yourself");
        await fixture.Administrator.Delete($"api/admin/accounts/{olga.Id}/second-factor").Expect(204);
        await Login(olga, null).Expect(200);
    }

    [Fact]
    public async Task Where_the_operator_asks_for_one_nothing_else_is_done_before()
    {
        await using var server = await Server.Start(null, ("SECOND_FACTOR", "administrators"));
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Get("api/folders/root/children").Expect(200);
        await ada.Get("api/folders/root/children").Problem(403, "accounts.second-factor-required");
        await ada.Get("api/admin/accounts").Problem(403, "accounts.second-factor-required");
        await ada.Get("api/me").Expect(200);
        await ada.Post("api/auth/tokens", new { name = "A way around", scopes = new[] { "read" } }).Problem(403, "accounts.second-factor-required");
        var prepared = await ada.Post("api/me/second-factor", new { password = Person.Password }).Expect(200).Json();
        await ada.Post("api/me/second-factor/confirm", new { code = Code(Read(prepared.GetProperty("secret").GetString()!), Now) }).Expect(200);
        await ada.Get("api/folders/root/children").Expect(200);
    }

    private static async Task<HttpResponseMessage> Login(Person person, string? code, string password = Person.Password) =>
        await person.Http.PostAsJsonAsync("api/auth/login", new { email = person.Email, password, code });

    // The steps that follow take a second or two: they are to fall into one half minute or the next.
    private static async Task WithinAStep()
    {
        while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() % 30 > 20)
            await Task.Delay(200, TestContext.Current.CancellationToken);
    }

    private static string Code(byte[] secret, long step)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // The standard's.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[19] & 15)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static byte[] Read(string base32)
    {
        var bits = string.Concat(base32.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(byteBits => byteBits.Length == 8).Select(byteBits => Convert.ToByte(new string(byteBits), 2))];
    }
}
