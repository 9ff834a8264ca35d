using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EventFiles.Features.Accounts;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class SignInTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Email = "olga@example.org";

    private readonly OffsetTime clock = new();
    private SignInServer server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await SignInServer.Start(await postgres.CreateDatabase(), clock);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Of_all_who_come_first_at_once_one_is_administrator()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => server.Register($"person-{number}@example.org")));
        var administrators = 0;
        for (var number = 0; number < 8; number++)
        {
            var (client, _) = await server.SignIn($"person-{number}@example.org");
            using (client)
                administrators += (await SignInServer.Json(await client.GetAsync("api/me", Cancel))).GetProperty("isAdministrator").GetBoolean() ? 1 : 0;
        }

        Assert.Equal(1, administrators);
    }

    [Fact]
    public async Task Of_all_who_want_one_address_one_gets_it_and_no_password_is_left_over()
    {
        using var client = server.Client();
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => client.PostAsJsonAsync(
            "api/auth/register",
            new { email = number % 2 == 0 ? Email : $" {Email.ToUpperInvariant()}", password = $"password of {number}", displayName = "Olga" }, Cancel)));
        Assert.Single(replies, reply => reply.StatusCode == HttpStatusCode.Created);
        foreach (var reply in replies.Where(reply => reply.StatusCode != HttpStatusCode.Created))
            await Problem(reply, HttpStatusCode.Conflict, "accounts.email-taken");

        await using var count = server.Get<NpgsqlDataSource>().CreateCommand("select count(*) from eventfiles.passwords");
        Assert.Equal(1L, await count.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_signed_in_account_sees_and_renames_itself()
    {
        await server.Register(Email);
        var (client, _) = await server.SignIn("OLGA@example.org");
        using var mine = client;
        var renamed = await SignInServer.Json(await mine.PatchAsJsonAsync("api/me", new { displayName = "Olga the Second" }, Cancel));
        var me = await SignInServer.Json(await mine.GetAsync("api/me", Cancel));
        Assert.Equal(renamed.GetRawText(), me.GetRawText());
        Assert.Equal(
            (Email, "Olga the Second"), (me.GetProperty("email").GetString(), me.GetProperty("displayName").GetString()));
        Assert.Equal(
            "Olga the Second", (await server.Get<IAccounts>().FindByEmail(" Olga@Example.org", Cancel))?.DisplayName);
        Assert.Null(await server.Get<IAccounts>().FindByEmail("nobody@example.org", Cancel));
    }

    [Theory]
    [InlineData("api/me")]
    [InlineData("undeclared")]
    [InlineData("no/such/path")]
    public async Task Whatever_was_not_opened_to_anybody_needs_a_signed_in_account(string path)
    {
        using var nobody = server.Client();
        var reply = await nobody.GetAsync(path, Cancel);
        await Problem(reply, HttpStatusCode.Unauthorized, "accounts.sign-in-first");
        Assert.Equal("Bearer realm=\"eventfiles\"", reply.Headers.WwwAuthenticate.ToString());

        using var liar = server.Client("not.a.token");
        reply = await liar.GetAsync(path, Cancel);
        await Problem(reply, HttpStatusCode.Unauthorized, "accounts.sign-in-first");
        Assert.Contains("invalid_token", reply.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_open_to_anybody_is_open_with_a_bad_token_too()
    {
        using var liar = server.Client("not.a.token");
        Assert.Equal("nobody", await (await liar.PostAsync("open", null, Cancel)).Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Logging_out_counts_from_the_next_request_on()
    {
        await server.Register(Email);
        var (client, refresh) = await server.SignIn(Email);
        using var mine = client;
        Assert.Equal(HttpStatusCode.NoContent, (await mine.PostAsync("api/auth/logout", null, Cancel)).StatusCode);
        await Problem(await mine.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
        await Problem(await Refresh(refresh), HttpStatusCode.Unauthorized, "accounts.session-over");
    }

    [Fact]
    public async Task A_changed_password_leaves_only_the_session_that_changed_it()
    {
        await server.Register(Email);
        var (here, hereRefresh) = await server.SignIn(Email);
        var (there, thereRefresh) = await server.SignIn(Email);
        using var mine = here;
        using var other = there;
        await Problem(await Change(mine, "wrong", "battery staple"), HttpStatusCode.Forbidden, "accounts.wrong-password");
        await Problem(await Change(mine, SignInServer.Password, "OLGA@example.org"), HttpStatusCode.UnprocessableEntity, "accounts.weak-password");
        Assert.Equal(HttpStatusCode.NoContent, (await Change(mine, SignInServer.Password, "battery staple")).StatusCode);

        await Problem(await other.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
        await Problem(await Refresh(thereRefresh), HttpStatusCode.Unauthorized, "accounts.session-over");
        Assert.Equal(HttpStatusCode.OK, (await mine.GetAsync("api/me", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Refresh(hereRefresh)).StatusCode);

        using var client = server.Client();
        await Problem(await SignIn(client, Email, SignInServer.Password), HttpStatusCode.Unauthorized, "accounts.wrong-credentials");
        Assert.Equal(HttpStatusCode.OK, (await SignIn(client, Email, "battery staple")).StatusCode);
    }

    [Fact]
    public async Task A_spent_refresh_token_ends_the_session_for_everybody_at_once()
    {
        await server.Register(Email);
        var (client, first) = await server.SignIn(Email);
        using var mine = client;
        var second = (await SignInServer.Json(await Refresh(first))).GetProperty("refreshToken").GetString()!;
        clock.Advance(SessionDecider.LostReply);
        await Problem(await Refresh(first), HttpStatusCode.Unauthorized, "accounts.token-reused");
        await Problem(await mine.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
        await Problem(await Refresh(second), HttpStatusCode.Unauthorized, "accounts.session-over");
    }

    [Fact]
    public async Task Two_windows_that_refresh_at_once_both_go_on()
    {
        await server.Register(Email);
        var (client, first) = await server.SignIn(Email);
        client.Dispose();
        var replies = await Task.WhenAll(Refresh(first), Refresh(first));
        Assert.All(replies, reply => Assert.Equal(HttpStatusCode.OK, reply.StatusCode));
        var either = (await SignInServer.Json(replies[0])).GetProperty("refreshToken").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await Refresh(either)).StatusCode);
    }

    [Fact]
    public async Task A_guess_at_a_refresh_token_ends_nothing()
    {
        await server.Register(Email);
        var (client, refresh) = await server.SignIn(Email);
        using var mine = client;
        var parts = refresh.Split('.');
        await Problem(await Refresh($"{parts[0]}.{parts[2]}.{parts[1]}"), HttpStatusCode.Unauthorized, "accounts.session-over");
        Assert.Equal(HttpStatusCode.OK, (await mine.GetAsync("api/me", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_session_is_over_at_its_deadline_and_an_event_follows()
    {
        await server.Register(Email);
        var (client, refresh) = await server.SignIn(Email);
        client.Dispose();
        var session = new SessionId(Guid.Parse(refresh.Split('.')[0]));
        var sessions = server.Get<IReadModel<SessionView>>();
        Assert.NotNull(await sessions.Find(session.ToString(), Cancel));

        clock.Advance(SessionDecider.Life);
        await Problem(await Refresh(refresh), HttpStatusCode.Unauthorized, "accounts.session-over");
        await server.Get<MediatR.IMediator>().Send(
            new ExpireSession(session, (await sessions.Find(session.ToString(), Cancel))!.Account), Cancel);
        await server.Get<MediatR.IMediator>().Send(new ExpireSession(session, default), Cancel);
        var ended = await server.Get<IStreams>().Read(SessionDecider.NameOf(session), 1, Cancel).ToListAsync(Cancel);
        Assert.Equal([new SessionEvent.Ended(session, SessionEnd.Expired)], ended.Select(happened => happened.Fact));
    }

    [Fact]
    public async Task Sessions_are_listed_to_their_account_only_and_end_one_by_one_or_all_but_one()
    {
        await server.Register(Email);
        await server.Register("peter@example.org");
        var (first, _) = await server.SignIn(Email);
        var (second, secondRefresh) = await server.SignIn(Email);
        var (third, _) = await server.SignIn(Email);
        var (stranger, _) = await server.SignIn("peter@example.org");
        using (first)
        using (second)
        using (third)
        using (stranger)
        {
            var id = secondRefresh.Split('.')[0];
            var foreign = await stranger.DeleteAsync($"api/auth/sessions/{id}", Cancel);
            var missing = await stranger.DeleteAsync($"api/auth/sessions/{Guid.CreateVersion7()}", Cancel);
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
            Assert.Equal(
                Regular(await foreign.Content.ReadAsStringAsync(Cancel)), Regular(await missing.Content.ReadAsStringAsync(Cancel)));
            Assert.Equal("here there there", await Current(third));
            Assert.Equal("here", await Current(stranger));

            Assert.Equal(HttpStatusCode.NoContent, (await first.DeleteAsync($"api/auth/sessions/{id}", Cancel)).StatusCode);
            await Problem(await second.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
            Assert.Equal("there here", await Current(first));

            Assert.Equal(HttpStatusCode.NoContent, (await first.DeleteAsync("api/auth/sessions", Cancel)).StatusCode);
            await Problem(await third.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
            Assert.Equal("here", await Current(first));
            Assert.Equal("here", await Current(stranger));
        }
    }

    [Fact]
    public async Task Nobody_learns_whether_an_address_has_an_account()
    {
        await server.Register(Email);
        using var client = server.Client();
        var known = await SignIn(client, Email, "wrong password");
        var unknown = await SignIn(client, "nobody@example.org", "wrong password");
        var impossible = await SignIn(client, "no address", "wrong password");
        await Problem(known, HttpStatusCode.Unauthorized, "accounts.wrong-credentials");
        Assert.Equal(
            Regular(await known.Content.ReadAsStringAsync(Cancel)), Regular(await unknown.Content.ReadAsStringAsync(Cancel)));
        Assert.Equal(
            Regular(await known.Content.ReadAsStringAsync(Cancel)), Regular(await impossible.Content.ReadAsStringAsync(Cancel)));
    }

    [Fact]
    public async Task Guessing_is_slowed_down_alike_for_known_and_unknown_addresses()
    {
        await server.Register(Email);
        using var client = server.Client();
        foreach (var email in new[] { Email, "nobody@example.org" })
        {
            for (var guess = 0; guess < 10; guess++)
                Assert.Equal(HttpStatusCode.Unauthorized, (await SignIn(client, email, "wrong password")).StatusCode);
            var slowed = await SignIn(client, email, SignInServer.Password);
            await Problem(slowed, HttpStatusCode.TooManyRequests, "accounts.too-many-attempts");
            Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        }
    }

    [Fact]
    public async Task A_browsers_session_rides_on_a_cookie_that_no_script_reads()
    {
        await server.Register(Email);
        using var browser = server.Client();
        var opened = await browser.PostAsJsonAsync("api/auth/web-session", new { email = Email, password = SignInServer.Password }, Cancel);
        var cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        foreach (var part in new[] { "eventfiles_session=", "httponly", "samesite=strict", "path=/", "max-age=2592000" })
            Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            await opened.Content.ReadAsStringAsync(Cancel), await (await browser.GetAsync("api/me", Cancel)).Content.ReadAsStringAsync(Cancel));

        browser.DefaultRequestHeaders.Add("EventFiles-Csrf", "1");
        var closed = await browser.DeleteAsync("api/auth/web-session", Cancel);
        Assert.Equal(HttpStatusCode.NoContent, closed.StatusCode);
        Assert.Contains("expires=Thu, 01 Jan 1970", Assert.Single(closed.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);

        // The cookie itself, kept by a thief.
        using var thief = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = server.Address };
        thief.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        await Problem(await thief.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("0", null, false)]
    [InlineData("1", null, true)]
    [InlineData("1", "same", true)]
    [InlineData("1", "https://evil.example", false)]
    [InlineData("1", "null", false)]
    [InlineData("1", "http://127.0.0.1:1", false)]
    public async Task A_change_under_a_cookie_comes_from_our_own_page(string? csrf, string? origin, bool isLetIn)
    {
        await server.Register(Email);
        using var browser = server.Client();
        await browser.PostAsJsonAsync("api/auth/web-session", new { email = Email, password = SignInServer.Password }, Cancel);
        using var change = new HttpRequestMessage(HttpMethod.Patch, "api/me") { Content = JsonContent.Create(new { displayName = "Changed" }) };
        if (csrf is not null)
            change.Headers.Add("EventFiles-Csrf", csrf);
        if (origin is not null)
            change.Headers.Add("Origin", origin == "same" ? server.Address.GetLeftPart(UriPartial.Authority) : origin);
        var reply = await browser.SendAsync(change, Cancel);
        if (isLetIn)
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        else
            await Problem(reply, HttpStatusCode.Forbidden, "accounts.csrf");
    }

    [Fact]
    public async Task A_cookies_value_is_no_token_and_a_token_is_no_cookie()
    {
        await server.Register(Email);
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = server.Address };
        var opened = await client.PostAsJsonAsync("api/auth/web-session", new { email = Email, password = SignInServer.Password }, Cancel);
        var value = Uri.UnescapeDataString(Assert.Single(opened.Headers.GetValues("Set-Cookie")).Split(';')[0].Split('=')[1]);
        await Problem(await Refresh($"{value}.x"), HttpStatusCode.Unauthorized, "accounts.session-over");

        var (mine, refresh) = await server.SignIn(Email);
        mine.Dispose();
        client.DefaultRequestHeaders.Add("Cookie", $"eventfiles_session={refresh.Split('.')[0]}.{refresh.Split('.')[2]}");
        await Problem(await client.GetAsync("api/me", Cancel), HttpStatusCode.Unauthorized, "accounts.sign-in-first");
    }

    [Fact]
    public async Task Anybody_may_have_the_public_keys_and_nothing_private_is_among_them()
    {
        using var nobody = server.Client();
        var key = Assert.Single((await SignInServer.Json(await nobody.GetAsync(".well-known/jwks.json", Cancel))).GetProperty("keys").EnumerateArray());
        Assert.Equal(
            ["kty", "crv", "use", "alg", "kid", "x", "y"], key.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task No_event_holds_a_password_an_address_or_a_secret_in_the_open()
    {
        await server.Register(Email);
        var (client, refresh) = await server.SignIn(Email);
        client.Dispose();
        await using var all = server.Get<NpgsqlDataSource>().CreateCommand("select string_agg(data::text, ' ') from mt_events");
        var log = (string)(await all.ExecuteScalarAsync(Cancel))!;
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(refresh.Split('.')[2]))), log, StringComparison.Ordinal);
        foreach (var secret in new[] { Email, "Olga", SignInServer.Password, refresh.Split('.')[1], refresh.Split('.')[2], "argon2" })
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
    }

    private static async Task Problem(HttpResponseMessage reply, HttpStatusCode status, string code)
    {
        Assert.Equal(status, reply.StatusCode);
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"urn:eventfiles:problem:{code}", (await SignInServer.Json(reply)).GetProperty("type").GetString());
    }

    // A problem may carry the trace of its request.
    private static string Regular(string problem) =>
        Regex.Replace(problem, "\"traceId\":\"[^\"]*\"", "");

    private static async Task<string> Current(HttpClient client) => string.Join(
        ' ',
        (await SignInServer.Json(await client.GetAsync("api/auth/sessions", Cancel))).GetProperty("items").EnumerateArray()
            .Select(session => session.GetProperty("isCurrent").GetBoolean() ? "here" : "there"));

    private static Task<HttpResponseMessage> SignIn(HttpClient client, string email, string password) =>
        client.PostAsJsonAsync("api/auth/login", new { email, password }, Cancel);

    private static Task<HttpResponseMessage> Change(HttpClient client, string currentPassword, string newPassword) =>
        client.PostAsJsonAsync("api/me/password", new { currentPassword, newPassword }, Cancel);

    private async Task<HttpResponseMessage> Refresh(string refreshToken)
    {
        using var client = server.Client();
        return await client.PostAsJsonAsync("api/auth/refresh", new { refreshToken }, Cancel);
    }

    /// <summary>The real clock, some time ahead.</summary>
    private sealed class OffsetTime : TimeProvider
    {
        private TimeSpan ahead;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

        public void Advance(TimeSpan by) => ahead += by;
    }
}
