using System.Text.RegularExpressions;
using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>What changes shows by itself.</summary>
public sealed partial class LiveTests(PageFixture fixture)
{
    [Fact]
    public async Task Progress_and_what_another_does_show_by_themselves()
    {
        await using var olga = await fixture.Visit();
        await olga.Page.AddInitScriptAsync(
            """
            window.badges = [];
            new MutationObserver(() => { for (const one of document.querySelectorAll('.badge')) window.badges.push(one.textContent); })
              .observe(document, { subtree: true, childList: true, characterData: true });
            """);
        await olga.Register("Olga");

        // So many at once that the page comes to look while some are at it, however seldom it is its turn.
        using var pictures = new Pictures(6);
        await olga.Upload(pictures.Paths);
        await olga.Settles(6);
        var badges = await olga.Page.EvaluateAsync<string[]>("window.badges");
        Assert.Contains(badges, badge => Steps().IsMatch(badge));

        // Nothing is in progress, so the page asks for nothing by itself: only being told can show it.
        var file = (await olga.Read("/api/folders/root/children")).GetProperty("items")[0].GetProperty("id").GetGuid();
        var renamed = await olga.Page.APIRequest.PatchAsync(
            $"/api/files/{file}", new() { DataObject = new { name = "Renamed elsewhere.jpg" }, Headers = [new("EventFiles-Csrf", "1")] });
        Assert.Equal(200, renamed.Status);
        await Expect(olga.Item("Renamed elsewhere.jpg")).ToBeVisibleAsync();
        Assert.Empty(await olga.Barriers());
    }

    [Fact]
    public async Task Where_nothing_is_told_the_page_asks()
    {
        await using var olga = await fixture.Visit();
        await olga.Page.RouteAsync("**/api/events/stream", route => route.FulfillAsync(new() { Status = 429, Body = "" }));
        await olga.Register("Olga");

        await olga.DropSample("Dusk over the hills.jpg", "image/jpeg");

        await olga.Settles(1);
    }

    /// <summary>Pictures that look the same and are other bytes each: what is the same is processed once.</summary>
    private sealed class Pictures : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eventfiles-pictures-");

        public Pictures(int count)
        {
            var picture = File.ReadAllBytes(Path.Combine(Server.Root, "samples", "Dusk over the hills.jpg"));
            Paths = [.. Enumerable.Range(1, count).Select(number => Path.Combine(folder.FullName, $"Dusk {number}.jpg"))];
            foreach (var path in Paths)
                File.WriteAllBytes(path, [.. picture, .. System.Text.Encoding.UTF8.GetBytes(path)]);
        }

        public string[] Paths { get; }

        public void Dispose() => folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"^Processing \d+ of \d+…$")]
    private static partial Regex Steps();
}
