using System.Net.Http.Json;

namespace EventFiles.Journeys.Tests;

public sealed class AccountsJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task The_first_account_is_administrator_and_the_next_is_not()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        Assert.True((await fixture.Administrator.Read("api/me")).GetProperty("isAdministrator").GetBoolean());
        Assert.False((await olga.Read("api/me")).GetProperty("isAdministrator").GetBoolean());
    }

    [Fact]
    public async Task An_address_registers_once_in_whatever_spelling()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await (await olga.Post("api/auth/register", new { email = olga.Email.ToUpperInvariant(), password = Person.Password, displayName = "Again" }))
            .Problem(409, "accounts.email-taken");
    }

    [Fact]
    public async Task A_refresh_token_is_good_once_and_logging_out_ends_all()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var first = (await olga.SignIn()).GetProperty("refreshToken").GetString();
        var second = await (await olga.Post("api/auth/refresh", new { refreshToken = first })).Expect(200).Json();
        olga.Http.DefaultRequestHeaders.Authorization = new("Bearer", second.GetProperty("accessToken").GetString());
        await olga.Read("api/me");

        await (await olga.Post("api/auth/logout")).Expect(204);
        await (await olga.Get("api/me")).Problem(401, "accounts.sign-in-first");
        Assert.Equal(401, (int)(await olga.Post("api/auth/refresh", new { refreshToken = second.GetProperty("refreshToken").GetString() })).StatusCode);
    }

    [Fact]
    public async Task Nobody_learns_whether_an_address_has_an_account()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        var known = await nobody.PostAsJsonAsync("api/auth/login", new { email = olga.Email, password = "wrong password" });
        var unknown = await nobody.PostAsJsonAsync("api/auth/login", new { email = "nobody@example.org", password = "wrong password" });
        Assert.Equal(
            (known.StatusCode, await known.Content.ReadAsStringAsync()), (unknown.StatusCode, await unknown.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task The_page_signs_in_by_cookie_and_is_safe_from_other_sites()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var browser = new HttpClient { BaseAddress = fixture.Server.Address };
        var signedIn = await (await browser.PostAsJsonAsync("api/auth/web-session", new { email = olga.Email, password = Person.Password })).Expect(200);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        await (await browser.GetAsync("api/me")).Expect(200);
        await (await browser.PostAsJsonAsync("api/folders", new { name = "From afar" })).Problem(403, "accounts.csrf");
        browser.DefaultRequestHeaders.Add("EventFiles-Csrf", "1");
        await (await browser.PostAsJsonAsync("api/folders", new { name = "From here" })).Expect(201);
        await (await browser.DeleteAsync("api/auth/web-session")).Expect(204);
        await (await browser.GetAsync("api/me")).Problem(401, "accounts.sign-in-first");
    }
}
