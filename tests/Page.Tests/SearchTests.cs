using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>Looking for files at the page.</summary>
public sealed class SearchTests(PageFixture fixture)
{
    [Fact]
    public async Task What_is_typed_is_found_marked_and_has_an_address()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.DropSample("Flower.png", "image/png");
        await olga.Settles(2);
        var field = olga.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Search files" });

        await field.FillAsync("not");
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(1);
        await Expect(olga.Item("Notes.txt").Locator("mark").First).ToHaveTextAsync("Notes");
        await Expect(olga.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("#/search/not$"));
        await olga.Picture("search");
        Assert.Empty(await olga.Barriers());

        await field.FillAsync("flower");
        await Expect(olga.Item("Flower.png")).ToBeVisibleAsync();
        await olga.Page.GetByLabel("Only of this type").SelectOptionAsync("text");
        await Expect(olga.Page.GetByText("Nothing found")).ToBeVisibleAsync();
        await olga.Page.ReloadAsync();
        await Expect(field).ToHaveValueAsync("flower");
        await olga.Page.GetByLabel("Only of this type").SelectOptionAsync("image");
        await Expect(olga.Item("Flower.png")).ToBeVisibleAsync();

        await field.FillAsync("<img src=x onerror=alert(1)>");
        await Expect(olga.Page.GetByText("Nothing found")).ToBeVisibleAsync();
        await olga.Page.GetByLabel("Only of this type").SelectOptionAsync("");
        await field.FillAsync("");
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(2);
    }
}
