using EventFiles.Journeys.Tests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(EventFiles.Page.Tests.PageFixture))]

namespace EventFiles.Page.Tests;

/// <summary>
/// One browser and one server for all tests. <c>EVENTFILES_URL</c> names a server that runs already; without it the real
/// program is started on a data folder of its own.
/// </summary>
public sealed class PageFixture : IAsyncLifetime
{
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;
    private Server? server;

    public Uri Address { get; private set; } = new("http://unset");

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("EVENTFILES_URL") is { Length: > 0 } given)
        {
            Address = new Uri(given);
        }
        else
        {
            server = await Server.Start();
            Address = server.Address;
        }

        Assertions.SetDefaultExpectTimeout(Visitor.PatienceMs);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            // The distribution's own: nothing is downloaded.
            ExecutablePath = Environment.GetEnvironmentVariable("EVENTFILES_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        });
    }

    /// <summary>Somebody at a fresh browser: no cookie, nothing kept. At the shared server, unless another is named.</summary>
    public async Task<Visitor> Visit(
        ColorScheme colours = ColorScheme.Light, int width = 1280, int height = 820, Uri? address = null)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = (address ?? Address).ToString(),
            // What was written shows in the next read, however busy the machine is.
            ExtraHTTPHeaders = [new("Prefer", "wait=60")],
            ColorScheme = colours,
            ViewportSize = new() { Width = width, Height = height },
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        return await Visitor.Enter(context);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        if (server is not null)
            await server.DisposeAsync();
    }
}
