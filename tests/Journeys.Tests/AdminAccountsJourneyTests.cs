using System.Net.Http.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What administrators do with accounts of others.</summary>
public sealed class AdminAccountsJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_disabled_account_opens_nothing_from_the_next_request_on()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var refresh = (await olga.SignIn()).GetProperty("refreshToken").GetString();
        var token = await olga.Post("api/auth/tokens", new { name = "A program", scopes = new[] { "read" } }).Expect(201).Json();
        using var program = new HttpClient { BaseAddress = fixture.Server.Address };
        program.DefaultRequestHeaders.Authorization = new("Bearer", token.GetProperty("token").GetString());
        await program.GetAsync("api/me").Expect(200);

        await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/disabled", new { }).Expect(204);
        await olga.Get("api/me").Problem(401, "accounts.sign-in-first");
        await program.GetAsync("api/me").Problem(401, "accounts.sign-in-first");
        await olga.Post("api/auth/refresh", new { refreshToken = refresh }).Problem(401, "accounts.session-over");
        await olga.Post("api/auth/login", new { email = olga.Email, password = Person.Password }).Problem(403, "accounts.disabled");
        await olga.Post("api/auth/login", new { email = olga.Email, password = "wrong password" }).Problem(401, "accounts.wrong-credentials");

        await fixture.Administrator.Delete($"api/admin/accounts/{olga.Id}/disabled").Expect(204);
        await olga.Get("api/me").Problem(401, "accounts.sign-in-first");
        await program.GetAsync("api/me").Expect(200);
        await olga.SignIn();
        await olga.Get("api/me").Expect(200);
    }

    [Fact]
    public async Task Administrators_find_accounts_and_say_what_they_may()
    {
        var ada = fixture.Administrator;
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var found = await ada.Read($"api/admin/accounts?q={Uri.EscapeDataString(olga.Email.ToUpperInvariant())}");
        Assert.Equal(olga.Id, Assert.Single(found.GetProperty("items").EnumerateArray()).Id());

        var (seen, cursor) = (new List<string>(), default(string));
        do
        {
            var page = await ada.Read($"api/admin/accounts?limit=3{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("email").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
        Assert.Contains(olga.Email, seen);

        await ada.Put($"api/admin/accounts/{olga.Id}/administrator", new { }).Expect(204);
        await olga.Get($"api/admin/accounts/{ada.Id}").Expect(200);
        await olga.Delete($"api/admin/accounts/{olga.Id}/administrator").Problem(409, "accounts.not-yourself");
        await ada.Delete($"api/admin/accounts/{olga.Id}/administrator").Expect(204);
        await olga.Get($"api/admin/accounts/{ada.Id}").Problem(403, "accounts.administrators-only");
        await ada.Put($"api/admin/accounts/{ada.Id}/disabled", new { }).Problem(409, "accounts.not-yourself");
        await ada.Put($"api/admin/accounts/{Guid.NewGuid()}/disabled", new { }).Problem(404, "accounts.no-such-account");
        await olga.Put($"api/admin/accounts/{ada.Id}/disabled", new { }).Problem(403, "accounts.administrators-only");
        await olga.Get("api/admin/invitations").Problem(403, "accounts.administrators-only");
    }

    [Fact]
    public async Task Every_answer_is_taken_for_what_it_says_it_is()
    {
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        foreach (var path in new[] { "", "api/me", "api/nothing", "health/live", "letter.html", "openapi/v1.json", ".well-known/jwks.json" })
        {
            var reply = await nobody.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal("nosniff", Assert.Single(reply.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Fact]
    public async Task What_the_server_decides_no_body_changes()
    {
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        var made = await nobody.PostAsJsonAsync("api/auth/register", new
        {
            email = $"eve-{Guid.NewGuid():n}@example.org",
            password = Person.Password,
            displayName = "Eve",
            id = fixture.Administrator.Id,
            isAdministrator = true,
            isAuditor = true,
            emailConfirmed = true,
            role = "administrator",
        });
        await made.Expect(201);
        using var eve = await Person.Register(fixture.Server.Address, "Eve");
        var before = (await eve.Read("api/me")).ToString();
        var changed = await eve.Patch("api/me", new { isAdministrator = true, isAuditor = true, email = "x@example.org", emailConfirmed = true, hasSecondFactor = true, id = Guid.NewGuid() });
        await changed.Expect(200);
        Assert.Equal(before, (await eve.Read("api/me")).ToString());
        var account = (await fixture.Administrator.Read($"api/admin/accounts/{(await made.Json()).Id()}"));
        Assert.False(account.GetProperty("isAdministrator").GetBoolean() || account.GetProperty("isAuditor").GetBoolean() || account.GetProperty("emailConfirmed").GetBoolean());
    }
}
