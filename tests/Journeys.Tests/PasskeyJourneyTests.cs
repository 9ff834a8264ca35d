using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Signing in with a passkey: who gets in, who does not, and what is told of it.</summary>
public sealed class PasskeyJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Somebody_adds_a_passkey_signs_in_with_nothing_else_and_removes_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var device = new PasskeyDevice { IsCounting = true };
        await olga.Post("api/auth/passkeys/creation", new { password = "wrong password" }).Problem(403, "accounts.wrong-password");
        var asked = await Asked(olga);
        Assert.Equal("none", asked.GetProperty("attestation").GetString());
        Assert.Equal("required", asked.GetProperty("authenticatorSelection").GetProperty("userVerification").GetString());
        var added = await olga.Post("api/auth/passkeys", new { name = "A key", credential = device.Create(asked).ToJson() }).Expect(201);
        var id = (await added.Json()).Id();
        Assert.Equal($"/api/auth/passkeys/{id}", added.Headers.Location?.ToString());

        using var nobody = Nobody();
        var tokens = await Login(nobody, device).Expect(200).Json();
        nobody.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("accessToken").GetString());
        Assert.Equal(olga.Id, (await nobody.GetAsync("api/me").Expect(200).Json()).Id());
        tokens = await nobody.PostAsJsonAsync("api/auth/refresh", new { refreshToken = tokens.GetProperty("refreshToken").GetString() }).Expect(200).Json();
        Assert.Equal("Bearer", tokens.GetProperty("tokenType").GetString());

        await olga.Patch($"api/auth/passkeys/{id}", new { name = "The key at my belt" }).Expect(204);
        var listed = Assert.Single((await olga.Read("api/auth/passkeys")).GetProperty("items").EnumerateArray());
        Assert.Equal("The key at my belt", listed.GetProperty("name").GetString());
        Assert.NotEqual(JsonValueKind.Null, listed.GetProperty("usedAt").ValueKind);
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("suspectedAt").ValueKind);

        await olga.Delete($"api/auth/passkeys/{id}").Expect(204);
        await olga.Delete($"api/auth/passkeys/{id}").Problem(404, "accounts.no-such-passkey");
        await Login(nobody, device).Problem(401, "accounts.passkey-refused");
        await nobody.GetAsync("api/me").Expect(200); // Who is in stays in.
    }

    [Fact]
    public async Task A_browser_gets_its_cookie_and_a_second_factor_is_not_asked_for()
    {
        await using var server = await Server.Start(null, ("SECOND_FACTOR", "required"));
        using var ada = await Person.Register(server.Address, "Ada");
        await ada.Get("api/folders/root/children").Problem(403, "accounts.second-factor-required");
        using var device = await Device(ada);
        await ada.Get("api/folders/root/children").Problem(403, "accounts.second-factor-required");
        using var browser = Nobody(server.Address);
        var me = await browser.PostAsJsonAsync(
            "api/auth/passkeys/web-session", new { credential = device.Use(await Question(browser)).ToJson() }).Expect(200);
        var cookie = Assert.Single(me.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(ada.Id, (await me.Json()).Id());
        await browser.GetAsync("api/folders/root/children").Expect(200);
    }

    [Fact]
    public async Task Where_a_second_factor_is_asked_for_the_password_alone_puts_none_in_a_passkeys_place()
    {
        await using var server = await Server.Start(null, ("SECOND_FACTOR", "required"));
        using var ada = await Person.Register(server.Address, "Ada");
        using var device = await Device(ada);
        var passkey = (await ada.Read("api/auth/passkeys")).GetProperty("items")[0].Id();

        using var thief = await ada.SignInAt(server.Address);
        await thief.Post("api/me/second-factor", new { password = Person.Password }).Problem(403, "accounts.passkey-needed");
        await thief.Post("api/me/second-factor/confirm", new { code = "123456" }).Problem(403, "accounts.passkey-needed");
        await thief.Post("api/auth/passkeys/creation", new { password = Person.Password }).Problem(403, "accounts.passkey-needed");
        await thief.Delete($"api/auth/passkeys/{passkey}").Problem(403, "accounts.passkey-needed");

        // Nor does whoever reads the mail.
        using var browser = Nobody(server.Address);
        await Reset(server, ada, browser);
        await Login(browser, device).Expect(200);
    }

    [Fact]
    public async Task Who_was_put_out_since_they_asked_adds_nothing()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var device = new PasskeyDevice();
        var asked = await Asked(olga);
        await olga.Post("api/me/password", new { currentPassword = Person.Password, newPassword = "another horse battery" }).Expect(204);

        await olga.Post("api/auth/passkeys", new { name = "A key", credential = device.Create(asked).ToJson() }).Problem(403, "accounts.passkey-unproved");

        Assert.Empty((await olga.Read("api/auth/passkeys")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_was_answered_is_good_once_and_for_what_it_was_asked()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        using var device = new PasskeyDevice();
        var asked = await Asked(olga);
        var made = device.Create(asked).ToJson();
        await ravi.Post("api/auth/passkeys", new { name = "x", credential = made }).Problem(403, "accounts.passkey-unproved");
        using var nobody = Nobody();
        var question = await Question(nobody);
        await olga.Post("api/auth/passkeys", new { name = "x", credential = device.Create(question.GetProperty("challenge").GetString()!).ToJson() })
            .Problem(403, "accounts.passkey-unproved");
        var both = await Task.WhenAll(
            olga.Post("api/auth/passkeys", new { name = "x", credential = made }), olga.Post("api/auth/passkeys", new { name = "x", credential = made }));
        Assert.Equal([201, 403], both.Select(reply => (int)reply.StatusCode).Order());
        var id = Assert.Single((await olga.Read("api/auth/passkeys")).GetProperty("items").EnumerateArray()).Id();

        // Another wants what is somebody's: known by its name, or handed over whole.
        using var same = new PasskeyDevice { Credential = device.Credential };
        await ravi.Post("api/auth/passkeys", new { name = "x", credential = same.Create(await Asked(ravi)).ToJson() }).Problem(409, "accounts.passkey-taken");
        await ravi.Patch($"api/auth/passkeys/{id}", new { name = "Mine" }).Problem(404, "accounts.no-such-passkey");
        await ravi.Delete($"api/auth/passkeys/{id}").Problem(404, "accounts.no-such-passkey");

        var said = device.Use(question);
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Login(nobody, said)));
        Assert.Equal([200, .. Enumerable.Repeat(401, 7)], replies.Select(reply => (int)reply.StatusCode).Order());
        await Login(nobody, said).Problem(401, "accounts.passkey-refused");
        await Login(nobody, device.Use(asked)).Problem(401, "accounts.passkey-refused");
        await Login(nobody, device.Use("bWFkZSB1cA")).Problem(401, "accounts.passkey-refused");
        await olga.Delete($"api/auth/passkeys/{id}").Expect(204);
        await olga.Post("api/auth/passkeys", new { name = "x", credential = made }).Problem(403, "accounts.passkey-unproved");
    }

    [Fact]
    public async Task Whoever_is_refused_learns_nothing_of_why()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var device = await Device(olga);
        using var nobody = Nobody();
        using var unknown = new PasskeyDevice { UserHandle = device.UserHandle };
        using var forged = new PasskeyDevice { Credential = device.Credential, UserHandle = device.UserHandle };
        var texts = new List<string>();
        foreach (var bad in new[] { unknown, forged })
            texts.Add(await Refused(Login(nobody, bad.Use(await Question(nobody)))));
        device.IsVerifying = false;
        texts.Add(await Refused(Login(nobody, device)));
        device.IsVerifying = true;
        texts.Add(await Refused(Login(nobody, device.Use(await Question(nobody)) with { UserHandle = "AAAAAAAAAAAAAAAAAAAAAA" })));
        device.Origin = "https://evil.example";
        var said = device.Use(await Question(nobody));
        texts.Add(await Refused(Login(nobody, said)));
        device.Origin = "http://localhost";
        var lie = device.Use(await Question(nobody)) with { ClientData = said.ClientData };
        texts.Add(await Refused(Login(nobody, lie)));
        Assert.Single(texts.Distinct());
        await Login(nobody, device).Expect(200);

        using var elsewhere = await Device(olga, new PasskeyDevice { Origin = "https://evil.example" }, 403);
        using var framed = await Device(olga, new PasskeyDevice { IsFramed = true }, 403);
        using var lax = await Device(olga, new PasskeyDevice { IsVerifying = false }, 403);
        Assert.Single((await olga.Read("api/auth/passkeys")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_count_that_falls_back_is_refused_and_told_to_its_owner_and_to_auditors()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var device = await Device(olga, new PasskeyDevice { IsCounting = true });
        using var nobody = Nobody();
        await Login(nobody, device).Expect(200);
        foreach (var count in new uint[] { 0, 1 })
        {
            device.Uses = unchecked(count - 1); // It counts one up.
            await Login(nobody, device).Problem(401, "accounts.passkey-refused");
        }

        var seen = await olga.Until("api/auth/passkeys", list => list.GetProperty("items")[0].GetProperty("suspectedAt").ValueKind != JsonValueKind.Null);
        var id = seen.GetProperty("items")[0].Id();
        device.Uses = 5;
        await Login(nobody, device).Expect(200);

        using var ada = await Person.Register(fixture.Server.Address, "Ada");
        await fixture.Administrator.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        var events = await ada.Until($"api/audit/events?stream=passkeys-{olga.Id}", list => list.GetProperty("items").GetArrayLength() >= 4);
        var text = events.GetRawText();
        Assert.Contains(device.Id, text, StringComparison.Ordinal);
        Assert.Contains("passkey-suspected", text, StringComparison.Ordinal);
        Assert.Contains(id.ToString(), text, StringComparison.Ordinal);
        Assert.DoesNotContain("challengeDigest", text, StringComparison.Ordinal);
        var refused = (await ada.Until(
            $"api/audit/events?person={olga.Id}&outcome=refused", list => list.GetProperty("items").GetArrayLength() > 0)).GetProperty("items")[0];
        Assert.Equal("accounts.passkey-refused", refused.GetProperty("details").GetProperty("code").GetString());
        Assert.Equal(olga.Id, refused.GetProperty("details").GetProperty("onAccount").GetGuid());
    }

    [Fact]
    public async Task Who_is_disabled_or_has_reset_their_password_is_not_let_in()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var device = await Device(olga);
        using var nobody = Nobody();
        await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/disabled", new { }).Expect(204);
        await Login(nobody, device).Problem(403, "accounts.disabled");
        await fixture.Administrator.Delete($"api/admin/accounts/{olga.Id}/disabled").Expect(204);
        await Login(nobody, device).Expect(200);

        await Reset(fixture.Server, olga, nobody);
        await Login(nobody, device).Problem(401, "accounts.passkey-refused");
    }

    [Fact]
    public async Task Whoever_tries_too_often_waits()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var device = await Device(olga);
        using var forged = new PasskeyDevice { Credential = device.Credential, UserHandle = device.UserHandle };
        using var nobody = Nobody();
        for (var guess = 0; guess < 10; guess++)
            await Login(nobody, forged).Problem(401, "accounts.passkey-refused");
        var refused = await Login(nobody, forged);
        await refused.Problem(429, "accounts.too-many-attempts");
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Twenty_are_enough()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var asked = await Asked(olga);
        for (var count = 0; count < 20; count++)
            (await Device(olga)).Dispose();
        using var device = new PasskeyDevice();
        await olga.Post("api/auth/passkeys/creation", new { password = Person.Password }).Problem(409, "accounts.too-many-passkeys");
        await olga.Post("api/auth/passkeys", new { name = "x", credential = device.Create(asked).ToJson() }).Problem(409, "accounts.too-many-passkeys");
    }

    [Fact]
    public async Task Whatever_is_sent_it_gets_a_problem_and_never_a_fault()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var nobody = Nobody();
        using var device = new PasskeyDevice();
        var random = new Random(11);
        string Chance(int bytes)
        {
            var some = new byte[random.Next(1, bytes)];
            random.NextBytes(some);
            return Convert.ToBase64String(some).Replace('+', '-').Replace('/', '_').TrimEnd('=');
        }

        for (var attempt = 0; attempt < 60; attempt++)
        {
            var made = device.Create(Chance(200)) with { Attestation = Chance(4000) };
            await olga.Post("api/auth/passkeys", new { name = "x", credential = made.ToJson() }).Problem(400, "accounts.passkey-unreadable");
            var said = device.Use(Chance(200)) with { UserHandle = Chance(60), AuthenticatorData = Chance(4000) };
            var reply = await Login(nobody, said);
            Assert.Contains((int)reply.StatusCode, new[] { 400, 401 });
        }

        foreach (var body in new[]
        {
            "{", "[]", "{}", """{"credential":null}""", """{"credential":{}}""", """{"credential":{"id":null,"response":null}}""",
            """{"credential":{"id":"x","response":{"clientDataJSON":"","authenticatorData":"","signature":"","userHandle":""}}}""",
            JsonSerializer.Serialize(new { credential = (device.Use("x") with { ClientData = new string('A', 9000) }).ToJson() }),
            "{\"credential\":" + new string('[', 5000),
        })
        {
            foreach (var path in new[] { "login", "web-session" })
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                var reply = await nobody.PostAsync($"api/auth/passkeys/{path}", content, TestContext.Current.CancellationToken);
                Assert.Contains((int)reply.StatusCode, new[] { 400, 422 });
                Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
            }
        }

        // Asks before it sends: who is refused while sending may find the connection closed before the answer.
        using var huge = new HttpRequestMessage(HttpMethod.Post, "api/auth/passkeys/login")
        {
            Headers = { ExpectContinue = true },
            Content = new StringContent(JsonSerializer.Serialize(new { credential = new { id = new string('A', 2_000_000) } }), Encoding.UTF8, "application/json"),
        };
        await nobody.SendAsync(huge, TestContext.Current.CancellationToken).Problem(413, "too-large");
    }

    private HttpClient Nobody(Uri? server = null) =>
        new() { BaseAddress = server ?? fixture.Server.Address, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };

    private static async Task Reset(Server server, Person person, HttpClient nobody)
    {
        await nobody.PostAsJsonAsync("api/auth/password-reset", new { email = person.Email }).Expect(202);
        var lines = (await server.RunHere("accounts", "letters", "--data", server.Data)).Output.Split('\n');
        var link = lines[Array.FindIndex(lines, line => line.Contains(person.Email, StringComparison.Ordinal)) + 1];
        await nobody.PostAsJsonAsync(
            "api/auth/password-reset/complete", new { token = link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim(), newPassword = "another horse battery" }).Expect(204);
    }

    private static async Task<JsonElement> Asked(Person person) =>
        await person.Post("api/auth/passkeys/creation", new { password = Person.Password }).Expect(200).Json();

    private static async Task<JsonElement> Question(HttpClient nobody) =>
        await nobody.PostAsync("api/auth/passkeys/question", null, TestContext.Current.CancellationToken).Expect(200).Json();

    private static async Task<PasskeyDevice> Device(Person person, PasskeyDevice? device = null, int status = 201)
    {
        device ??= new PasskeyDevice();
        await person.Post("api/auth/passkeys", new { name = "A key", credential = device.Create(await Asked(person)).ToJson() }).Expect(status);
        return device;
    }

    private static async Task<HttpResponseMessage> Login(HttpClient nobody, PasskeyDevice device) =>
        await Login(nobody, device.Use(await Question(nobody)));

    private static Task<HttpResponseMessage> Login(HttpClient nobody, PasskeyDevice.Shown said) =>
        nobody.PostAsJsonAsync("api/auth/passkeys/login", new { credential = said.ToJson() });

    private static async Task<string> Refused(Task<HttpResponseMessage> reply)
    {
        var said = await reply.Expect(401).Json();
        Assert.Equal("urn:eventfiles:problem:accounts.passkey-refused", said.GetProperty("type").GetString());
        return said.GetProperty("detail").GetString()!;
    }
}
