using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Letters to accounts, by a real mail server over STARTTLS with a login, and without one.</summary>
public sealed class LettersJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Letters_prove_addresses_reset_passwords_and_invite()
    {
        await using var post = await MailServer.Start();
        await using var server = await Server.Start(
            null, ("SMTP_URL", post.Url), ("MAIL_FROM", "EventFiles <files@example.org>"), ("PUBLIC_URL", "https://files.example.org"),
            ("REGISTRATION", "verified"), ("SSL_CERT_FILE", post.Certificate));
        using var ada = await Person.Register(server.Address, "Ada");
        Assert.False((await ada.Read("api/me")).GetProperty("emailConfirmed").GetBoolean());
        await Confirm(ada.Http, await post.NextToken(ada.Email, "confirm"), 204);
        Assert.True((await ada.Read("api/me")).GetProperty("emailConfirmed").GetBoolean());

        using var nobody = new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        await AnAddressIsProvedBeforeAnybodySignsInWithIt(nobody, post);
        var password = await APasswordIsResetOnce(nobody, post);
        await AnAddressIsExchangedWhenTheNewOneIsProved(nobody, post, password);
        await WhoIsInvitedOpensAnAccountWithThatAddress(ada, nobody, post);

        Assert.Equal(0, post.Left);
        Assert.DoesNotContain("@example.org", server.Log, StringComparison.Ordinal);
        Assert.Contains("mail by localhost", (await server.RunHere("config", "check")).Output, StringComparison.Ordinal);
    }

    private static async Task AnAddressIsProvedBeforeAnybodySignsInWithIt(HttpClient nobody, MailServer post)
    {
        await Register(nobody, "olga@example.org").Expect(201);
        await Login(nobody, "olga@example.org", "wrong password").Problem(401, "accounts.wrong-credentials");
        await Login(nobody, "olga@example.org").Problem(403, "accounts.email-unconfirmed");
        var token = await post.NextToken("olga@example.org", "confirm");
        await Confirm(nobody, token[..^2] + "AA", 410);
        await nobody.PostAsJsonAsync("api/auth/password-reset/complete", new { token, newPassword = "battery staple" })
            .Problem(410, "accounts.link-spent");
        await Confirm(nobody, token, 204);
        await Confirm(nobody, token, 410);
        await Login(nobody, "olga@example.org").Expect(200);
    }

    private static async Task<string> APasswordIsResetOnce(HttpClient nobody, MailServer post)
    {
        var session = await (await Login(nobody, "olga@example.org").Expect(200)).Json();
        var known = await Timed(() => Forget(nobody, "olga@example.org"));
        var unknown = await Timed(() => Forget(nobody, "nobody@example.org"));
        Assert.Equal(await Bare(known.Reply), await Bare(unknown.Reply));
        Assert.All([known.Took, unknown.Took], took => Assert.True(took >= TimeSpan.FromMilliseconds(290), $"{took}"));

        var first = await post.NextToken("olga@example.org", "reset");
        await Forget(nobody, "OLGA@example.org").Expect(202);
        var token = await post.NextToken("olga@example.org", "reset");
        await Reset(nobody, first, "battery staple").Problem(410, "accounts.link-spent");
        await Reset(nobody, token, "olga@example.org").Problem(422, "accounts.weak-password");
        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Reset(nobody, token, $"battery staple {number}")));
        var done = Assert.Single(Enumerable.Range(0, 4), number => (int)replies[number].StatusCode == 204);
        await Login(nobody, "olga@example.org").Problem(401, "accounts.wrong-credentials");
        for (var number = 0; number < 4; number++)
            await Login(nobody, "olga@example.org", $"battery staple {number}").Expect(number == done ? 200 : 401);

        var refresh = session.GetProperty("refreshToken").GetString();
        await nobody.PostAsJsonAsync("api/auth/refresh", new { refreshToken = refresh }).Problem(401, "accounts.session-over");
        using var signedIn = new HttpRequestMessage(HttpMethod.Get, "api/me") { Headers = { { "Authorization", $"Bearer {session.GetProperty("accessToken").GetString()}" } } };
        await nobody.SendAsync(signedIn).Problem(401, "accounts.sign-in-first");
        return $"battery staple {done}";
    }

    private static async Task AnAddressIsExchangedWhenTheNewOneIsProved(HttpClient nobody, MailServer post, string known)
    {
        var olga = await (await Login(nobody, "olga@example.org", known).Expect(200)).Json();
        Task<HttpResponseMessage> Change(string email, string password)
        {
            var ask = new HttpRequestMessage(HttpMethod.Post, "api/me/email") { Content = JsonContent.Create(new { email, password }) };
            ask.Headers.Authorization = new("Bearer", olga.GetProperty("accessToken").GetString());
            return nobody.SendAsync(ask);
        }

        await Change("olga@elsewhere.example.org", "wrong password").Problem(403, "accounts.wrong-password");
        await Change("olga@elsewhere.example.org", known).Expect(202);
        var token = await post.NextToken("olga@elsewhere.example.org", "confirm");
        await Login(nobody, "olga@example.org", known).Expect(200);
        await Confirm(nobody, token, 204);
        await Login(nobody, "olga@elsewhere.example.org", known).Expect(200);
        await Login(nobody, "olga@example.org", known).Problem(401, "accounts.wrong-credentials");
        var told = await post.Next("olga@example.org");
        Assert.Contains("has another e-mail address now", told, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", told, StringComparison.Ordinal);
    }

    private static async Task WhoIsInvitedOpensAnAccountWithThatAddress(Person ada, HttpClient nobody, MailServer post)
    {
        await ada.Post("api/admin/invitations", new { email = "ravi@example.org" }).Expect(201);
        var second = (await ada.Post("api/admin/invitations", new { email = "zoe@example.org" }).Expect(201).Json()).Id();
        var token = await post.NextToken("ravi@example.org", "invitation");
        await Register(nobody, "other@example.org", token).Problem(422, "accounts.invited-other");
        await Register(nobody, "ravi@example.org", token).Expect(201);
        await Login(nobody, "ravi@example.org").Expect(200);
        await Register(nobody, "ravi2@example.org", token).Problem(410, "accounts.link-spent");

        var withdrawn = await post.NextToken("zoe@example.org", "invitation");
        Assert.Single((await ada.Read("api/admin/invitations")).GetProperty("items").EnumerateArray());
        await ada.Delete($"api/admin/invitations/{second}").Expect(204);
        await Register(nobody, "zoe@example.org", withdrawn).Problem(410, "accounts.link-spent");
    }

    [Fact]
    public async Task What_is_shared_with_an_address_is_theirs_who_prove_it_and_nobody_learns_whether_it_is_anybodys()
    {
        await using var post = await MailServer.Start();
        await using var server = await Server.Start(
            null, ("SMTP_URL", post.Url), ("MAIL_FROM", "EventFiles <files@example.org>"), ("PUBLIC_URL", "https://files.example.org"),
            ("SSL_CERT_FILE", post.Certificate));
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        await Confirm(ravi.Http, await post.NextToken(ravi.Email, "confirm"), 204);
        await post.Next(olga.Email);
        var file = await olga.Keep("plan.txt", new byte[10]);

        var unknown = "zoe@example.org";
        var (known, offered) = (await Offer(ravi.Email), await Offer(unknown));
        Assert.Equal(Blank(known, ravi.Email), Blank(offered, unknown));
        var listed = (await olga.Read($"api/files/{file}/shares")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Blank(listed[0], ravi.Email), Blank(listed[1], unknown));
        Assert.Equal(["owner Olga", $"viewer {ravi.Email}", $"viewer {unknown}"], People(await olga.Read($"api/files/{file}/access")));
        var history = (await olga.Read($"api/files/{file}/history?limit=1000")).GetProperty("items").EnumerateArray()
            .Where(one => one.GetProperty("what").GetString()!.StartsWith("share.", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            [("share.offered.v1", 1), ("share.offered.v1", 2)],
            history.Select(one => (one.GetProperty("what").GetString()!, one.GetProperty("version").GetInt32())));
        Assert.DoesNotContain(ravi.Id.ToString(), $"{history[0]}{history[1]}", StringComparison.Ordinal);
        await ravi.Get($"api/files/{file}").Expect(200);
        // The same again is the same offer, another role another one of the same id.
        Assert.Equal(offered.Id(), (await Offer(" ZOE@example.org")).Id());
        Assert.Equal(offered.Id(), (await olga.Post($"api/files/{file}/shares", new { grantee = unknown, role = "editor" }).Expect(201).Json()).Id());
        await olga.Post($"api/files/{file}/shares", new { grantee = "nobody", role = "viewer" }).Problem(422, "share.no-such-account");

        // Who opens an account with it and has not read its mail may nothing.
        var token = await post.NextToken(unknown, "invitation");
        using var zoe = new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        await Register(zoe, unknown).Expect(201);
        zoe.DefaultRequestHeaders.Authorization = new(
            "Bearer", (await Login(zoe, unknown).Expect(200).Json()).GetProperty("accessToken").GetString());
        await zoe.GetAsync($"api/files/{file}").Problem(404, "files.not-found");
        Assert.Equal(2, (await olga.Read($"api/files/{file}/shares")).GetProperty("items").GetArrayLength());
        Assert.NotEmpty(token);
        await Confirm(zoe, await post.NextToken(unknown, "confirm"), 204);
        await UntilRead(zoe, file);
        await zoe.PatchAsJsonAsync($"api/files/{file}", new { name = "ours.txt" }).Expect(200);
        Assert.Equal(Blank(listed[1], unknown), Blank((await olga.Read($"api/files/{file}/shares")).GetProperty("items")[1], unknown).Replace("editor", "viewer", StringComparison.Ordinal));

        // Who is invited and comes by the letter has proved it with that; what is taken back before is theirs never.
        var kept = await Offer("mei@example.org");
        var withdrawn = (await olga.Post($"api/files/{await olga.Keep("other.txt", new byte[11])}/shares", new { grantee = "mei@example.org", role = "viewer" }).Expect(201).Json()).Id();
        await ravi.Delete($"api/shares/{withdrawn}").Problem(404, "share.no-such-share");
        await olga.Delete($"api/shares/{withdrawn}").Expect(204);
        using var mei = new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        await Register(mei, "mei@example.org", await post.NextToken("mei@example.org", "invitation")).Expect(201);
        mei.DefaultRequestHeaders.Authorization = new(
            "Bearer", (await Login(mei, "mei@example.org").Expect(200).Json()).GetProperty("accessToken").GetString());
        await UntilRead(mei, file);
        Assert.Single((await (await mei.GetAsync("api/shared-with-me")).Expect(200).Json()).GetProperty("items").EnumerateArray());
        await mei.DeleteAsync($"api/shares/{kept.Id()}").Expect(204);
        await mei.GetAsync($"api/files/{file}").Problem(404, "files.not-found");

        Assert.DoesNotContain("@example.org", server.Log, StringComparison.Ordinal);

        async Task<JsonElement> Offer(string email) =>
            await olga.Post($"api/files/{file}/shares", new { grantee = email, role = "viewer" }).Expect(201).Json();

        static string Blank(JsonElement share, string email) => share.ToString()
            .Replace(share.Id().ToString(), "id", StringComparison.Ordinal).Replace(email, "email", StringComparison.Ordinal)
            .Replace(share.GetProperty("createdAt").GetRawText(), "at", StringComparison.Ordinal);

        static async Task UntilRead(HttpClient by, Guid file)
        {
            for (var since = Stopwatch.GetTimestamp(); !(await by.GetAsync($"api/files/{file}")).IsSuccessStatusCode; await Task.Delay(100))
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(3), "What was offered did not become theirs.");
        }

        static string[] People(JsonElement access) =>
        [
            .. access.GetProperty("people").EnumerateArray().Select(span =>
                $"{span.GetProperty("role").GetString()} {span.GetProperty("who").GetProperty("displayName").GetString() ?? span.GetProperty("who").GetProperty("email").GetString()}"),
        ];
    }

    [Fact]
    public async Task Without_a_mail_server_an_operator_prints_the_links()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var program = new HttpClient { BaseAddress = fixture.Server.Address };
        program.DefaultRequestHeaders.Authorization = new(
            "Bearer", (await olga.Post("api/auth/tokens", new { name = "From before", scopes = new[] { "read" } }).Expect(201).Json()).GetProperty("token").GetString());
        await program.GetAsync("api/me").Expect(200);
        await Forget(olga.Http, olga.Email).Expect(202);
        var (code, output, _) = await fixture.Server.RunHere("accounts", "letters", "--json", "--data", fixture.Server.Data);
        Assert.Equal(0, code);
        var letter = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Single(one => one.GetProperty("to").GetString() == olga.Email);
        var link = letter.GetProperty("link").GetString()!;
        Assert.StartsWith("/letter.html#reset=", link, StringComparison.Ordinal);
        await Reset(olga.Http, link.Split('=')[1], "battery staple").Expect(204);
        await Login(olga.Http, olga.Email, "battery staple").Expect(200);
        await olga.Get("api/me").Problem(401, "accounts.sign-in-first");
        // Who reads the mail has taken the account over: what another had a program made for opens nothing either.
        await program.GetAsync("api/me").Problem(401, "accounts.sign-in-first");
    }

    [Fact]
    public async Task Accounts_are_opened_by_invitation_where_the_operator_says_so()
    {
        await using var server = await Server.Start(null, ("REGISTRATION", "invited"));
        using var ada = await Person.Register(server.Address, "Ada");
        using var nobody = new HttpClient { BaseAddress = server.Address };
        await Register(nobody, "ravi@example.org").Problem(403, "accounts.invitation-needed");
        await Register(nobody, "ravi@example.org", "made-up").Problem(410, "accounts.link-spent");
        await ada.Post("api/admin/invitations", new { email = "ravi@example.org" }).Expect(201);
        var (_, output, _) = await server.RunHere("accounts", "letters", "--json", "--data", server.Data);
        var token = JsonDocument.Parse(output.Trim()).RootElement.GetProperty("link").GetString()!.Split('=')[1];
        await Register(nobody, "Ravi@example.org", token).Expect(201);
    }

    private static Task<HttpResponseMessage> Register(HttpClient http, string email, string? invitation = null) =>
        http.PostAsJsonAsync("api/auth/register", new { email, password = Person.Password, displayName = "Somebody", invitation });

    private static Task<HttpResponseMessage> Login(HttpClient http, string email, string password = Person.Password) =>
        http.PostAsJsonAsync("api/auth/login", new { email, password });

    private static Task<HttpResponseMessage> Forget(HttpClient http, string email) =>
        http.PostAsJsonAsync("api/auth/password-reset", new { email });

    private static Task<HttpResponseMessage> Reset(HttpClient http, string token, string newPassword) =>
        http.PostAsJsonAsync("api/auth/password-reset/complete", new { token, newPassword });

    private static async Task Confirm(HttpClient http, string token, int status) =>
        await http.PostAsJsonAsync("api/auth/email/confirm", new { token }).Expect(status);

    private static async Task<(HttpResponseMessage Reply, TimeSpan Took)> Timed(Func<Task<HttpResponseMessage>> ask)
    {
        var since = Stopwatch.GetTimestamp();
        return (await ask(), Stopwatch.GetElapsedTime(since));
    }

    private static async Task<string> Bare(HttpResponseMessage reply) =>
        $"{reply.StatusCode} {string.Join(',', reply.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}={string.Join(';', header.Value)}"))} {await reply.Content.ReadAsStringAsync()}";
}
