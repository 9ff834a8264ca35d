using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>Each look of the page is kept as a picture, is without barriers, and fits its window.</summary>
public sealed class LooksTests(PageFixture fixture)
{
    private static readonly (string Name, string Type)[] Samples =
    [
        ("Dusk over the hills.jpg", "image/jpeg"), ("Flower.png", "image/png"), ("Notes.txt", "text/plain"),
        ("Invoice 2026-118.pdf", "application/pdf"), ("Größe & 履歴書.txt", "text/plain"), ("Uploads per month.png", "image/png"),
    ];

    [Theory]
    [InlineData("light", ColorScheme.Light, 1280)]
    [InlineData("dark", ColorScheme.Dark, 1280)]
    [InlineData("narrow", ColorScheme.Light, 360)]
    [InlineData("middle", ColorScheme.Dark, 900)]
    public async Task The_page_is_without_barriers_and_fits(string look, ColorScheme colours, int width)
    {
        await using var olga = await fixture.Visit(colours, width);
        await olga.Page.GotoAsync("/");
        await Expect(olga.Button("Sign in")).ToBeVisibleAsync();
        await Keep(olga, $"{look}-gate");
        await olga.Register("Olga");
        await Keep(olga, $"{look}-empty");

        await olga.Button("New folder").ClickAsync();
        await Keep(olga, $"{look}-dialog");
        await olga.Dialog.GetByLabel("Name").FillAsync("Travels");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(olga.Dialog).ToBeHiddenAsync();
        foreach (var (name, type) in Samples)
            await olga.DropSample(name, type);
        await olga.Settles(Samples.Length + 1);
        await Expect(olga.Page.Locator(".has-picture")).ToHaveCountAsync(4);
        await Keep(olga, $"{look}-uploads");
        await olga.Button("Clear finished").ClickAsync();
        await Keep(olga, $"{look}-grid");
        await olga.Button("List").ClickAsync();
        await olga.Page.GetByLabel("Select Flower.png").CheckAsync();
        await Keep(olga, $"{look}-list");
        await olga.Page.Keyboard.PressAsync("Escape");
        await olga.Button("Grid").ClickAsync();

        await olga.Choose("Dusk over the hills.jpg", "Preview");
        await Expect(olga.Dialog.GetByRole(AriaRole.Img)).ToBeVisibleAsync();
        await Keep(olga, $"{look}-preview");
        await olga.Page.Keyboard.PressAsync("Escape");
        await olga.Choose("Dusk over the hills.jpg", "Share…");
        await Expect(olga.Dialog.GetByText("No link leads to this file.")).ToBeVisibleAsync();
        await Keep(olga, $"{look}-share");
        await olga.Page.Keyboard.PressAsync("Escape");
        await olga.Choose("Dusk over the hills.jpg", "Details");
        await Expect(olga.Page.Locator(".facts")).ToBeVisibleAsync();
        await Keep(olga, $"{look}-details");
        // Beside the details the list has little room: nothing sticks out of where it belongs.
        Assert.Empty(await olga.Page.EvaluateAsync<string[]>(
            "['.top', '.details'].filter(one => { const part = document.querySelector(one); return part.scrollWidth > part.clientWidth; })"));
    }

    [Fact]
    public async Task The_colours_can_be_switched_and_stay()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Button("Switch to dark colours").ClickAsync();
        await olga.Page.ReloadAsync();
        await Expect(olga.Button("Switch to light colours")).ToBeVisibleAsync();
        Assert.Equal("dark", await olga.Page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
    }

    [Fact]
    public async Task The_reference_stays_on_this_server()
    {
        await using var reader = await fixture.Visit();
        var elsewhere = new List<string>();
        reader.Page.Request += (_, request) =>
        {
            if (request.Url.StartsWith("http", StringComparison.Ordinal) && new Uri(request.Url).Authority != fixture.Address.Authority)
                elsewhere.Add(request.Url);
        };
        await reader.Page.GotoAsync("/scalar");
        await Expect(reader.Page.GetByRole(AriaRole.Heading, new() { Name = "EventFiles" }).First).ToBeVisibleAsync();
        await reader.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await reader.Picture("reference");
        Assert.Empty(elsewhere);
    }

    private static async Task Keep(Visitor visitor, string name)
    {
        await visitor.Picture(name);
        Assert.Empty(await visitor.Barriers());
        var overflow = await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        Assert.True(overflow <= 0, $"{name} is {overflow} pixels too wide");
    }
}
