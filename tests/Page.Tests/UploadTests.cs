using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

public sealed class UploadTests(PageFixture fixture)
{
    private const int Size = 40_000_000;
    private const int FirstChunk = 16 * 1024 * 1024;
    private const string Uploads = "**/api/uploads/*";

    [Fact]
    public async Task An_upload_that_a_reload_cuts_off_goes_on_where_it_was()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await SendFirstChunkOnly(olga);
        await olga.Page.ReloadAsync();
        await olga.Page.UnrouteAsync(Uploads);

        await Expect(olga.Page.GetByText("These uploads were interrupted")).ToBeVisibleAsync();
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("Interrupted · 17 MB of 40 MB kept");
        await olga.Picture("interrupted");
        Assert.Empty(await olga.Barriers());

        var offsets = new List<string>();
        olga.Page.Request += (_, request) =>
        {
            if (request.Method == "PATCH" && request.Headers.TryGetValue("upload-offset", out var offset))
                offsets.Add(offset);
        };
        await olga.DropLarge("large.bin", Size);
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");
        Assert.Equal($"{FirstChunk}", offsets[0]);
        await Expect(olga.Item("large.bin")).ToBeVisibleAsync();
        await olga.Choose("large.bin", "Details");
        await Expect(olga.Page.Locator(".facts code")).ToHaveTextAsync(Convert.ToHexStringLower(SHA256.HashData(Visitor.Large(Size))));
    }

    [Fact]
    public async Task An_upload_pauses_and_resumes_and_its_cancelling_gives_the_space_back()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await SendFirstChunkOnly(olga);
        await olga.Button("Pause upload of large.bin").ClickAsync();
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("Paused");
        await olga.Page.UnrouteAsync(Uploads);
        await olga.Button("Resume upload of large.bin").ClickAsync();
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");

        await SendFirstChunkOnly(olga, "another.bin");
        await Expect(olga.Page.Locator("#quota-more")).ToHaveAttributeAsync("title", "40,000,000 bytes set aside");
        await olga.Button("Cancel upload of another.bin").ClickAsync();
        await olga.ReadUntil("/api/quota", now => now.GetProperty("reservedBytes").GetInt64() == 0);
        await olga.Page.UnrouteAsync(Uploads);
        await olga.Page.ReloadAsync();
        await Expect(olga.Item("large.bin")).ToBeVisibleAsync();
        await Expect(olga.Page.Locator("#uploads")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_server_that_cannot_say_how_far_an_upload_is_does_not_make_it_begin_anew()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        olga.LosesServer = true;
        var failures = 0;
        var sent = new List<string>();
        await olga.Page.RouteAsync(Uploads, async route =>
        {
            var offset = route.Request.Headers.GetValueOrDefault("upload-offset", "");
            if (route.Request.Method == "PATCH" && offset != "0" && failures++ == 0)
                await route.AbortAsync("connectionreset");
            else if (route.Request.Method == "HEAD" && failures++ < 3)
                await route.FulfillAsync(new() { Status = 502 });
            else
                await route.ContinueAsync();
        });
        olga.Page.Request += (_, request) =>
        {
            if (request.Method is "POST" or "PATCH" && request.Url.Contains("/api/uploads", StringComparison.Ordinal))
                sent.Add($"{request.Method} {request.Headers.GetValueOrDefault("upload-offset", "")}");
        };
        await olga.DropLarge("large.bin", Size);

        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("waiting for the server");
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");
        Assert.Equal(
            ["POST ", "PATCH 0", $"PATCH {FirstChunk}", $"PATCH {FirstChunk}", $"PATCH {2 * FirstChunk}"], sent);
        Assert.Equal((Size, 0, 1), await olga.Space());
    }

    [Fact]
    public async Task An_older_figure_of_space_does_not_replace_a_newer_one()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        var late = new TaskCompletionSource<IRoute>(TaskCreationOptions.RunContinuationsAsynchronously);
        await olga.Page.RouteAsync("**/api/quota", route => late.TrySetResult(route) ? Task.CompletedTask : route.ContinueAsync());
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.Settles(1);
        var (used, _, _) = await olga.Space();
        await Expect(olga.Page.Locator("#quota-words")).ToHaveAttributeAsync("title", new Regex($"^{used:N0} bytes used\n"));

        var older = new { limitBytes = 1000, usedBytes = 7, reservedBytes = 0, files = 1 };
        await olga.Page.RunAndWaitForRequestFinishedAsync(async () => await (await late.Task).FulfillAsync(new() { Json = older }));
        await olga.Page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
        await Expect(olga.Page.Locator("#quota-words")).ToHaveAttributeAsync("title", new Regex($"^{used:N0} bytes used\n"));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason_and_tried_again_on_wish()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Page.RouteAsync("**/api/uploads", route => route.FulfillAsync(new()
        {
            Status = 413,
            ContentType = "application/problem+json",
            Body = """{"type":"urn:eventfiles:problem:quota.exceeded","title":"Not enough space","detail":"Only 12 bytes are left."}""",
        }));
        await olga.DropSample("Notes.txt", "text/plain");
        await Expect(olga.Page.Locator(".upload-words")).ToHaveTextAsync("Only 12 bytes are left.");
        await Expect(olga.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Only 12 bytes are left." })).ToBeVisibleAsync();
        await olga.Page.UnrouteAsync("**/api/uploads");
        await olga.Button("Try again to upload Notes.txt").ClickAsync();
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
    }

    // From the second piece on nothing is answered any more, as when a connection hangs.
    private static async Task SendFirstChunkOnly(Visitor visitor, string name = "large.bin")
    {
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await visitor.Page.RouteAsync(Uploads, async route =>
        {
            if (route.Request.Method == "PATCH" && route.Request.Headers["upload-offset"] != "0")
                stalled.TrySetResult();
            else
                await route.ContinueAsync();
        });
        await visitor.DropLarge(name, Size);
        await stalled.Task.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
    }
}
