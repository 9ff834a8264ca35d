using System.Net.Http.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Whom the program believes what it says of a request that it passes on.</summary>
public sealed class ForwardedJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Without_a_trusted_proxy_nobody_is_believed()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        Assert.StartsWith(fixture.Server.Address.ToString(), await Link(olga), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_not_named_is_not_believed()
    {
        await using var server = await Server.Start(environment: ("TRUSTED_PROXIES", "127.0.0.9,10.0.0.0/8"));
        using var olga = await Person.Register(server.Address, "Olga");
        Assert.StartsWith(server.Address.ToString(), await Link(olga), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("everybody")]
    [InlineData("7")]
    [InlineData("10.0.0.0/33")]
    public async Task What_is_no_address_is_refused_at_the_start(string proxies)
    {
        var (code, _, error) = await Server.RunWith([("TRUSTED_PROXIES", proxies)], "config", "check");
        Assert.Equal(2, code);
        Assert.Contains($"TRUSTED_PROXIES (the environment): {proxies} is no address and no network.", error, StringComparison.Ordinal);
    }

    /// <summary>The address of a link that is made by a request that says much of itself.</summary>
    internal static async Task<string> Link(Person olga)
    {
        var file = await olga.Keep("hills.txt", "dusk"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/files/{file}/links") { Content = JsonContent.Create(new { }) };
        request.Headers.Add("X-Forwarded-Host", "files.example");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        return (await (await olga.Http.SendAsync(request)).Expect(201).Json()).GetProperty("url").GetString()!;
    }
}
