using System.Diagnostics;
using System.Net;
using System.Text.Json;
using EventFiles.Infrastructure.Tests;

namespace EventFiles.Journeys.Tests;

/// <summary>Signing in at another server, a real OpenID Connect provider.</summary>
public sealed class ProviderJourneyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_a_provider_vouches_for_has_one_account_and_takes_over_no_other()
    {
        // Nothing listens there: what a browser brings back goes to the server by hand.
        var site = new Uri($"http://127.0.0.1:{FreePorts.Next()}/");
        using var provider = Process.Start(new ProcessStartInfo("node", ["identity-provider.mjs", $"{site}api/auth/provider/callback"])
        {
            WorkingDirectory = Path.Combine(Server.Root, "tests", "Journeys.Tests"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        try
        {
            provider.BeginErrorReadLine();
            var port = await provider.StandardOutput.ReadLineAsync(Cancel);
            await using var server = await Server.Start(
                null, ("PUBLIC_URL", site.ToString()), ("OIDC_ISSUER", $"http://127.0.0.1:{port}"),
                ("OIDC_CLIENT_ID", "eventfiles"), ("OIDC_CLIENT_SECRET", "s3sam-open"), ("OIDC_NAME", "The other server"));
            await Walk(server, site);
        }
        finally
        {
            provider.Kill(entireProcessTree: true);
        }
    }

    private static async Task Walk(Server server, Uri site)
    {
        using var ada = await Person.Register(server.Address, "Ada");
        Assert.Equal("The other server", (await ada.Read("api/auth/ways")).GetProperty("provider").GetString());

        using var browser = new Browser(server.Address, site);
        Assert.Equal("/", await browser.SignIn("ravi@example.org"));
        var ravi = await browser.Me();
        Assert.Equal(("ravi@example.org", "Somebody from elsewhere", true),
            (ravi.GetProperty("email").GetString(), ravi.GetProperty("displayName").GetString(), ravi.GetProperty("emailConfirmed").GetBoolean()));
        using (var again = new Browser(server.Address, site))
        {
            Assert.Equal("/", await again.SignIn("ravi@example.org"));
            Assert.Equal(ravi.Id(), (await again.Me()).Id());
        }

        // Somebody opened an account with an address that was never proved: its owner does not walk into it.
        using var squatter = await Person.Register(server.Address, "Squatter");
        using (var owner = new Browser(server.Address, site))
            Assert.Equal("/letter.html#refused=accounts.link-unproved", await owner.SignIn(squatter.Email));
        using (var unproved = new Browser(server.Address, site))
            Assert.Equal("/letter.html#refused=accounts.provider-email-unverified", await unproved.SignIn("unproved-zoe@example.org"));

        // A code without its errand, of another errand, or used before.
        using var thief = new Browser(server.Address, site);
        var back = await thief.WayBack("ravi@example.org");
        using (var elsewhere = new Browser(server.Address, site))
            Assert.Equal("/letter.html#refused=accounts.not-vouched-for", await elsewhere.Come(back));
        using (var started = new Browser(server.Address, site))
        {
            await started.WayBack("ravi@example.org");
            Assert.Equal("/letter.html#refused=accounts.not-vouched-for", await started.Come(back));
        }

        Assert.Equal("/", await thief.Come(back));
        Assert.Equal("/letter.html#refused=accounts.not-vouched-for", await thief.Come(back));

        await ada.Put($"api/admin/accounts/{ravi.Id()}/disabled", new { }).Expect(204);
        using var disabled = new Browser(server.Address, site);
        Assert.Equal("/letter.html#refused=accounts.disabled", await disabled.SignIn("ravi@example.org"));
        Assert.DoesNotContain("@example.org", server.Log, StringComparison.Ordinal);
    }

    /// <summary>Follows redirects by hand, with cookies.</summary>
    private sealed class Browser(Uri server, Uri site) : IDisposable
    {
        private readonly CookieContainer cookies = new();
        private HttpClient? http;

        private HttpClient Http => http ??= new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies });

        /// <summary>Where it ends up.</summary>
        public async Task<string> SignIn(string who) => await Come(await WayBack(who));

        /// <summary>The address with the code that the provider sends it back with.</summary>
        public async Task<Uri> WayBack(string who)
        {
            var reply = await Http.GetAsync(new Uri(server, "api/auth/provider/start"), Cancel);
            for (var steps = 0; steps < 20; steps++)
            {
                if (reply.Headers.Location is { } to)
                {
                    var next = new Uri(reply.RequestMessage!.RequestUri!, to);
                    if (next.AbsoluteUri.StartsWith($"{site}api/auth/provider/callback", StringComparison.Ordinal))
                        return next;
                    reply = await Http.GetAsync(next, Cancel);
                    continue;
                }

                var isLogin = (await reply.Expect(200).Words()).Contains("value=\"login\"", StringComparison.Ordinal);
                var form = isLogin
                    ? new Dictionary<string, string> { ["prompt"] = "login", ["login"] = who, ["password"] = "any" }
                    : new Dictionary<string, string> { ["prompt"] = "consent" };
                using var content = new FormUrlEncodedContent(form);
                reply = await Http.PostAsync(reply.RequestMessage!.RequestUri, content, Cancel);
            }

            throw new InvalidOperationException("The provider does not send the browser back.");
        }

        public async Task<string> Come(Uri back)
        {
            var reply = await Http.GetAsync(new Uri(server, back.PathAndQuery), Cancel);
            return (await reply.Expect(302)).Headers.Location!.OriginalString;
        }

        public async Task<JsonElement> Me() => await Http.GetAsync(new Uri(server, "api/me"), Cancel).Expect(200).Json();

        public void Dispose() => http?.Dispose();
    }
}

internal static class ProviderReplies
{
    public static async Task<string> Words(this Task<HttpResponseMessage> reply) => await (await reply).Content.ReadAsStringAsync();
}
