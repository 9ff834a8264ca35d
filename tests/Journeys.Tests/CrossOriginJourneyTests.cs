namespace EventFiles.Journeys.Tests;

/// <summary>Pages of other origins.</summary>
public sealed class CrossOriginJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_page_of_an_origin_that_is_named_uploads_and_reads_what_it_needs_and_no_other_page_does()
    {
        await using var server = await Server.Start(environment: ("CORS_ORIGINS", "https://app.example.org, http://localhost:3000"));
        using var olga = await Person.Register(server.Address, "Olga");

        var asked = await Preflight(server.Address, "https://app.example.org");
        Assert.Equal(204, (int)asked.StatusCode);
        Assert.Equal("https://app.example.org", One(asked, "Access-Control-Allow-Origin"));
        Assert.Contains("PATCH", One(asked, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("Upload-Offset", One(asked, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.False(asked.Headers.Contains("Access-Control-Allow-Credentials"));

        var created = await Tus.Create(olga, 5, "a.txt", ("Origin", "http://localhost:3000"));
        Assert.Equal("http://localhost:3000", One(created, "Access-Control-Allow-Origin"));
        var readable = One(created, "Access-Control-Expose-Headers").Split(',');
        Assert.All(["Location", "Upload-Offset", "File-Id", "Tus-Resumable", "Upload-Expires"], header => Assert.Contains(header, readable));

        Assert.False((await Preflight(server.Address, "https://elsewhere.example.org")).Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False((await Tus.Create(olga, 5, "b.txt", ("Origin", "https://elsewhere.example.org"))).Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_a_named_origin_no_other_page_may_do_anything()
    {
        var asked = await Preflight(fixture.Server.Address, "https://app.example.org");
        Assert.DoesNotContain(asked.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("1.0.0", One(asked, "Tus-Version"));
    }

    [Theory]
    [InlineData("app.example.org", "app.example.org is no origin.")]
    [InlineData("https://app.example.org/page", "https://app.example.org/page is no origin.")]
    [InlineData("ftp://app.example.org", "ftp://app.example.org is no origin.")]
    [InlineData("*,https://app.example.org", "* stands alone or not at all.")]
    public async Task What_is_no_origin_is_refused_at_the_start(string origins, string why)
    {
        var (code, _, error) = await Server.RunWith([("CORS_ORIGINS", origins)], "config", "check");
        Assert.Equal(2, code);
        Assert.Contains($"CORS_ORIGINS (the environment): {why}", error, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Preflight(Uri server, string origin)
    {
        using var page = new HttpClient { BaseAddress = server };
        using var asks = new HttpRequestMessage(HttpMethod.Options, "api/uploads");
        asks.Headers.Add("Origin", origin);
        asks.Headers.Add("Access-Control-Request-Method", "PATCH");
        asks.Headers.Add("Access-Control-Request-Headers", "authorization,upload-offset,tus-resumable");
        return await page.SendAsync(asks, TestContext.Current.CancellationToken);
    }

    private static string One(HttpResponseMessage reply, string header) => string.Join(',', reply.Headers.GetValues(header));
}
