using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>The erasure of a file, as people ask for it in the panel of its details.</summary>
public sealed class ErasureTests(PageFixture fixture)
{
    private const string Name = "Notes.txt";

    [Fact]
    public async Task The_erasure_of_a_file_is_asked_for_and_left()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.DropSample(Name, "text/plain");
        await olga.Settles(1);
        await olga.Choose(Name, "Details");
        await olga.Page.Locator("#details").GetByRole(AriaRole.Button, new() { Name = "Erase…" }).ClickAsync();
        await olga.Dialog.GetByLabel("Why").SelectOptionAsync("objection");
        await olga.Picture("erase");
        Assert.Empty(await olga.Barriers());
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Erase", Exact = true }).ClickAsync();
        var receipt = (await olga.Dialog.GetByRole(AriaRole.Link).GetAttributeAsync("href"))!;
        var erasure = receipt[..receipt.LastIndexOf('/')];
        Assert.Equal("requested", (await olga.Read(erasure)).GetProperty("status").GetString());

        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Leave the file as it is" }).ClickAsync();
        await Expect(olga.Page.GetByText("The file stays as it is")).ToBeVisibleAsync();
        Assert.Equal("cancelled", (await olga.Read(erasure)).GetProperty("status").GetString());
    }
}
