using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Tokens of programs, and the accounts of programs.</summary>
public sealed class TokensJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_token_does_what_it_was_made_for_until_it_is_revoked()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var made = await Make(olga, "read");
        using var reader = Bearing(made);
        await reader.GetAsync("api/me").Expect(200);
        await reader.PostAsJsonAsync("api/folders", new { name = "By a program" }).Problem(403, "accounts.scope-missing");
        using var writer = Bearing(await Make(olga, "write"));
        await writer.PostAsJsonAsync("api/folders", new { name = "By a program" }).Expect(201);
        await writer.GetAsync("api/me").Problem(403, "accounts.scope-missing");
        // All that is hers, her sessions and tokens too, she takes along herself.
        await reader.GetAsync($"api/exports/{Guid.NewGuid()}/content").Problem(403, "accounts.scope-missing");
        await olga.Get($"api/exports/{Guid.NewGuid()}/content").Problem(404, "export.not-found");

        // More than its account a token never may, nor change whom the account belongs to.
        using var pretender = Bearing(await Make(olga, "read", "write", "admin", "audit"));
        await pretender.GetAsync("api/admin/accounts").Problem(403, "accounts.administrators-only");
        await pretender.PostAsJsonAsync("api/auth/tokens", new { name = "Another", scopes = new[] { "read" } }).Problem(403, "accounts.scope-missing");
        await pretender.PostAsJsonAsync("api/me/password", new { currentPassword = Person.Password, newPassword = "battery staple" })
            .Problem(403, "accounts.scope-missing");

        var listed = (await olga.Read("api/auth/tokens")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(3, listed.Count);
        var one = listed.Single(token => token.GetProperty("id").GetGuid() == made.Id());
        Assert.Equal(DateTime.UtcNow, DateTime.Parse(one.GetProperty("lastUsedOn").GetString()!, CultureInfo.InvariantCulture), TimeSpan.FromDays(2));
        Assert.DoesNotContain(made.GetProperty("token").GetString()!, listed.ToString(), StringComparison.Ordinal);

        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        await ravi.Delete($"api/auth/tokens/{made.Id()}").Problem(404, "accounts.no-such-token");
        await olga.Delete($"api/auth/tokens/{made.Id()}").Expect(204);
        await reader.GetAsync("api/me").Problem(401, "accounts.sign-in-first");
        await olga.Delete($"api/auth/tokens/{Guid.NewGuid()}").Problem(404, "accounts.no-such-token");
    }

    [Fact]
    public async Task What_is_no_token_of_ours_opens_nothing()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var token = (await Make(olga, "read")).GetProperty("token").GetString()!;
        var brief = await olga.Post(
            "api/auth/tokens", new { name = "Short", scopes = new[] { "read" }, expiresAt = DateTimeOffset.UtcNow.AddSeconds(2) }).Expect(201).Json();
        using (var early = Bearing(brief))
            await early.GetAsync("api/me").Expect(200);
        foreach (var bad in new[] { token[..^1], token + "A", token.ToUpperInvariant(), "efp_", "efp_" + new string('0', 32) + "_x", token.Replace('_', '-'), new string('e', 100_000) })
        {
            using var liar = new HttpClient { BaseAddress = fixture.Server.Address };
            liar.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {bad}");
            var reply = await liar.GetAsync("api/me", TestContext.Current.CancellationToken);
            Assert.True((int)reply.StatusCode is 401 or 431, $"{bad[..Math.Min(60, bad.Length)]} {reply.StatusCode}");
        }

        foreach (var wrong in new object[]
        {
            new { name = "x", scopes = Array.Empty<string>() }, new { name = "x", scopes = new[] { "everything" } }, new { name = " ", scopes = new[] { "read" } },
            new { name = "x", scopes = new[] { "read" }, expiresAt = DateTimeOffset.UtcNow.AddDays(400) },
            new { name = "x", scopes = new[] { "read" }, expiresAt = DateTimeOffset.UtcNow.AddDays(-1) },
        })
        {
            Assert.Equal(422, (int)(await olga.Post("api/auth/tokens", wrong)).StatusCode);
        }

        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        using var late = Bearing(brief);
        await late.GetAsync("api/me").Problem(401, "accounts.sign-in-first");
    }

    [Fact]
    public async Task Every_operation_asks_what_a_token_was_made_for()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var auditing = Bearing(await Make(olga, "audit"));
        using var working = Bearing(await Make(olga, "read", "write", "admin"));
        var (asked, paths) = (0, (await olga.Read("openapi/v1.json")).GetProperty("paths"));
        foreach (var path in paths.EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(one => one.Value.TryGetProperty("security", out var by) && by.GetArrayLength() > 0))
            {
                var isAudit = path.Name.StartsWith("/api/audit", StringComparison.Ordinal) || path.Name.StartsWith("/api/holds", StringComparison.Ordinal);
                var concrete = System.Text.RegularExpressions.Regex.Replace(
                    path.Name, @"\{([^}]+)\}", part => part.Groups[1].Value is "number" or "version" ? "1" : $"{Guid.NewGuid()}");
                using var ask = new HttpRequestMessage(new HttpMethod(operation.Name.ToUpperInvariant()), concrete) { Content = JsonContent.Create(new { }) };
                var reply = await (isAudit ? working : auditing).SendAsync(ask, TestContext.Current.CancellationToken);
                Assert.True((int)reply.StatusCode == 403, $"{operation.Name} {path.Name}: {reply.StatusCode}");
                if (operation.Name != "head")
                    await reply.Problem(403, "accounts.scope-missing");
                asked++;
            }
        }

        Assert.True(asked > 80, $"{asked}");
    }

    [Fact]
    public async Task A_service_account_signs_in_by_tokens_alone()
    {
        var ada = fixture.Administrator;
        var service = await ada.Post("api/admin/service-accounts", new { displayName = "Scanner" }).Expect(201).Json();
        var made = await ada.Post($"api/admin/service-accounts/{service.Id()}/tokens", new { name = "Nightly", scopes = new[] { "read", "write" } }).Expect(201).Json();
        using var program = Bearing(made);
        await program.PostAsJsonAsync("api/folders", new { name = "Scans" }).Expect(201);
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        await nobody.PostAsJsonAsync("api/auth/login", new { email = service.GetProperty("email").GetString(), password = "" + Person.Password })
            .Problem(401, "accounts.wrong-credentials");

        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await olga.Post("api/admin/service-accounts", new { displayName = "Mine" }).Problem(403, "accounts.administrators-only");
        await olga.Get($"api/admin/service-accounts/{service.Id()}/tokens").Problem(403, "accounts.administrators-only");
        await olga.Delete($"api/admin/service-tokens/{made.Id()}").Problem(404, "accounts.no-such-token");
        // Over the tokens of persons an administrator has no say.
        await ada.Post($"api/admin/service-accounts/{olga.Id}/tokens", new { name = "Spy", scopes = new[] { "read" } }).Problem(404, "accounts.no-service");
        var own = await Make(olga, "read");
        await ada.Delete($"api/admin/service-tokens/{own.Id()}").Problem(404, "accounts.no-such-token");

        await ada.Delete($"api/admin/service-tokens/{made.Id()}").Expect(204);
        await program.GetAsync("api/me").Problem(401, "accounts.sign-in-first");
    }

    private static async Task<JsonElement> Make(Person person, params string[] scopes) =>
        await person.Post("api/auth/tokens", new { name = "A program", scopes }).Expect(201).Json();

    private HttpClient Bearing(JsonElement made)
    {
        var http = new HttpClient { BaseAddress = fixture.Server.Address, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };
        http.DefaultRequestHeaders.Authorization = new("Bearer", made.GetProperty("token").GetString());
        return http;
    }
}
