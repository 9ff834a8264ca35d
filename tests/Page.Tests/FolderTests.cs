using System.IO.Compression;
using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

public sealed class FolderTests(PageFixture fixture)
{
    [Fact]
    public async Task What_is_selected_is_copied_marked_and_saved_as_one_archive()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await NewFolder(olga, "Papers");
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.DropSample("Uploads per month.csv", "text/csv");
        await olga.Settles(3);

        await olga.Page.Locator("#items [data-open]").First.FocusAsync();
        await olga.Page.Keyboard.PressAsync("Control+a");
        await olga.Page.GetByRole(AriaRole.Region, new() { Name = "Selection" }).GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        await olga.Dialog.GetByText("My files").ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Copy here" }).ClickAsync();
        await Expect(olga.Item("Notes (1).txt")).ToBeVisibleAsync();
        await Expect(olga.Item("Uploads per month (1).csv")).ToBeVisibleAsync();
        await Expect(olga.Item("Papers (1)")).ToBeVisibleAsync();
        await olga.Settles(6);

        await olga.Page.Keyboard.PressAsync("Escape");
        await olga.Page.Locator("#items [data-open]").First.FocusAsync();
        await olga.Page.Keyboard.PressAsync("Control+a");
        var download = await olga.Page.RunAndWaitForDownloadAsync(() => olga.Page
            .GetByRole(AriaRole.Region, new() { Name = "Selection" }).GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync());
        await using var zip = await ZipFile.OpenReadAsync(await download.PathAsync());
        Assert.Equal(
            ["Notes (1).txt", "Notes.txt", "Papers (1)/", "Papers/", "Uploads per month (1).csv", "Uploads per month.csv"],
            zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Whoever_is_asked_for_files_sends_them_and_sees_nothing_else()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await NewFolder(olga, "Secret project");
        await olga.Choose("Secret project", "Share…");
        await olga.Dialog.GetByLabel("What you ask for").FillAsync("Your photos <b>");
        await olga.Dialog.GetByText("Password, expiry and limits").ClickAsync();
        await olga.Dialog.GetByLabel("Files (optional)").FillAsync("2");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Ask for files" }).ClickAsync();
        await Expect(olga.Dialog.GetByText("0 of 2 files")).ToBeVisibleAsync();
        Assert.Empty(await olga.Barriers());
        var url = await olga.Dialog.GetByLabel("Your new link").InputValueAsync();

        await using var stranger = await fixture.Visit();
        await stranger.Page.GotoAsync(url);
        await Expect(stranger.Page.GetByRole(AriaRole.Heading, new() { Name = "Your photos <b>" })).ToBeVisibleAsync();
        await Expect(stranger.Page.GetByText("2 more files")).ToBeVisibleAsync();
        await stranger.Page.GetByLabel("Your files").SetInputFilesAsync(
            [Path.Combine(Server.Root, "samples", "Notes.txt"), Path.Combine(Server.Root, "samples", "Flower.png")]);
        await stranger.Button("Send").ClickAsync();
        await Expect(stranger.Page.GetByText("· sent")).ToHaveCountAsync(2);
        // It has all that it takes: there is nothing more to press.
        await Expect(stranger.Page.GetByText("All files that were asked for are here.")).ToBeVisibleAsync();
        await Expect(stranger.Button("Send")).ToBeHiddenAsync();
        await stranger.Picture("inbox");
        Assert.Empty(await stranger.Barriers());
        await Expect(stranger.Page.GetByText("Secret")).ToHaveCountAsync(0);

        await olga.Page.Keyboard.PressAsync("Escape");
        await olga.Choose("Secret project", "Share…");
        await Expect(olga.Dialog.GetByText("2 of 2 files")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Favourites_and_tags_are_found_again()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await NewFolder(olga, "Papers");
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.Settles(2);

        await olga.Choose("Notes.txt", "Add to favourites");
        await Expect(olga.Item("Notes.txt").GetByTitle("Favourite")).ToBeVisibleAsync();
        await olga.Choose("Papers", "Tags…");
        await olga.Dialog.GetByLabel("New tag").FillAsync("Trip <b>");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(olga.Dialog.GetByLabel("Trip <b>")).ToBeCheckedAsync();
        Assert.Empty(await olga.Barriers());
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(olga.Item("Papers").Locator(".tag")).ToHaveTextAsync("Trip <b>");

        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Favourites" }).ClickAsync();
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(1);
        Assert.Empty(await olga.Barriers());
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trip <b>" }).ClickAsync();
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = "Trip <b>" })).ToBeVisibleAsync();
        await Expect(olga.Item("Papers")).ToBeVisibleAsync();
        await olga.Page.ReloadAsync();
        await Expect(olga.Item("Papers")).ToBeVisibleAsync();
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Favourites" }).ClickAsync();
        await olga.Choose("Notes.txt", "Remove from favourites");
        await Expect(olga.Page.GetByText("No favourites yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Many_are_thrown_away_and_restored_together()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.DropSample("Uploads per month.csv", "text/csv");
        await olga.Settles(2);

        await olga.Page.Locator("#items [data-open]").First.FocusAsync();
        await olga.Page.Keyboard.PressAsync("Control+a");
        var request = await olga.Page.RunAndWaitForRequestAsync(
            () => olga.Page.Keyboard.PressAsync("Delete"), asked => asked.Method == "POST" && !asked.Url.EndsWith("/api/marks", StringComparison.Ordinal));
        Assert.EndsWith("/api/bulk", request.Url, StringComparison.Ordinal);
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(0);
        await olga.Button("Undo").ClickAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task A_folder_is_thrown_away_and_comes_back_with_what_is_in_it()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await NewFolder(olga, "Papers");
        await olga.Item("Papers").DblClickAsync();
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = "Papers" })).ToBeVisibleAsync();
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.Settles(1);
        await olga.Page.GoBackAsync();

        await olga.Choose("Papers", "Move to trash");
        await Expect(olga.Page.GetByText("“Papers” moved to the trash")).ToBeVisibleAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(0);
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(1);
        Assert.Empty(await olga.Barriers());
        await olga.Choose("Papers", "Restore");
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(0);

        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "My files" }).ClickAsync();
        await olga.Item("Papers").DblClickAsync();
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
    }

    private static async Task NewFolder(Visitor visitor, string name)
    {
        await visitor.Button("New folder").ClickAsync();
        await visitor.Dialog.GetByLabel("Name").FillAsync(name);
        await visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(visitor.Dialog).ToBeHiddenAsync();
    }
}
