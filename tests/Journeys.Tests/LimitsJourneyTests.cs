using System.Globalization;
using System.Net.Http.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>How often anybody may ask.</summary>
public sealed class LimitsJourneyTests
{
    [Fact]
    public async Task Whoever_asks_too_often_waits_and_nobody_else_does()
    {
        await using var server = await Server.Start(
            null, ("LIMIT_PER_ACCOUNT", "20"), ("LIMIT_PER_ADDRESS", "30"), ("LIMIT_PER_LINK", "5"), ("LIMIT_SIGN_UPS", "4"));
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var file = await olga.Keep("plan.txt", Samples.Text, "text/plain");
        var token = (await olga.Post($"api/files/{file}/links", new { }).Expect(201).Json()).GetProperty("token").GetString();

        using var nobody = new HttpClient { BaseAddress = server.Address };
        var replies = new List<HttpResponseMessage>();
        for (var visit = 0; visit < 6; visit++)
            replies.Add(await nobody.GetAsync($"api/links/{token}", TestContext.Current.CancellationToken));
        Assert.Equal([200, 200, 200, 200, 200, 429], replies.Select(reply => (int)reply.StatusCode));
        Assert.Equal(["4", "3", "2", "1", "0", "0"], replies.Select(reply => reply.Headers.GetValues("RateLimit-Remaining").Single()));

        HttpResponseMessage last;
        do
            last = await olga.Get("api/me");
        while ((int)last.StatusCode == 200);
        await last.Problem(429, "too-many-requests");
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        Assert.Equal("20", last.Headers.GetValues("RateLimit-Limit").Single());
        Assert.Equal("0", last.Headers.GetValues("RateLimit-Remaining").Single());
        Assert.InRange(int.Parse(last.Headers.GetValues("RateLimit-Reset").Single(), CultureInfo.InvariantCulture), 1, 120);
        // Under the same address, and as nobody in particular, others are answered.
        await ravi.Get("api/me").Expect(200);
        await nobody.PostAsJsonAsync("api/auth/login", new { email = ravi.Email, password = Person.Password }).Expect(200);
        await nobody.GetAsync("health/live", TestContext.Current.CancellationToken).Expect(200);

        for (var number = 0; number < 2; number++)
            await SignUp(nobody, number).Expect(201);
        await SignUp(nobody, 2).Problem(429, "accounts.too-many-sign-ups");

        // Also whoever is not let in is counted, by the address.
        do
            last = await nobody.GetAsync("api/me", TestContext.Current.CancellationToken);
        while ((int)last.StatusCode == 401);
        await last.Problem(429, "too-many-requests");
    }

    private static Task<HttpResponseMessage> SignUp(HttpClient http, int number) => http.PostAsJsonAsync(
        "api/auth/register", new { email = $"person-{number}@example.org", password = Person.Password, displayName = "Somebody" });
}
