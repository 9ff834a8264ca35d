using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

public sealed class JourneyTests(PageFixture fixture)
{
    private const string Dropped = "Dusk over the hills.jpg";
    private const string Renamed = "Dusk.jpg";

    [Fact]
    public async Task A_file_lives_from_its_upload_to_its_end()
    {
        await using var ravi = await fixture.Visit();
        await ravi.Register("Ravi");
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");

        await UploadAndRename(olga);
        await MoveIntoNewFolder(olga);
        await ShareWith(olga, ravi);
        await OpenLinkAsAStranger(await CreateLink(olga));
        await Leave(olga, ravi);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_at_the_gate_and_the_right_one_comes_back_to_the_same_place()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
        await olga.Button("Sign out").ClickAsync();

        await olga.Page.GetByLabel("E-mail").FillAsync(olga.Email);
        await olga.Page.GetByLabel("Password").FillAsync("not this one");
        await olga.Button("Sign in").ClickAsync();
        await Expect(olga.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "password" })).ToBeVisibleAsync();
        await olga.Page.GetByLabel("Password").FillAsync(Visitor.Password);
        await olga.Button("Sign in").ClickAsync();
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
        await olga.Page.ReloadAsync();
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Everything_is_reached_by_keyboard()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.DropSample("Uploads per month.csv", "text/csv");
        await Expect(olga.Item("Uploads per month.csv")).ToBeVisibleAsync();
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
        await olga.Settles(2);

        await olga.Page.Locator("#items [data-open]").First.FocusAsync();
        await olga.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(olga.Item("Uploads per month.csv").Locator("[data-open]")).ToBeFocusedAsync();
        await olga.Page.Keyboard.PressAsync("F2");
        await olga.Page.Keyboard.TypeAsync("Figures");
        await olga.Page.Keyboard.PressAsync("Enter");
        await Expect(olga.Item("Figures.csv").Locator("[data-open]")).ToBeFocusedAsync();
        await olga.Page.Keyboard.PressAsync("Control+a");
        await Expect(olga.Page.GetByText("2 items selected")).ToBeVisibleAsync();
        await olga.Page.Keyboard.PressAsync("Escape");
        await Expect(olga.Page.GetByText("2 items selected")).ToBeHiddenAsync();
        await olga.Page.Keyboard.PressAsync("Delete");
        await Expect(olga.Item("Figures.csv")).ToHaveCountAsync(0);
        await Expect(olga.Item("Notes.txt").Locator("[data-open]")).ToBeFocusedAsync();
        await olga.Page.Keyboard.PressAsync("Enter");
        await Expect(olga.Dialog.Locator("pre")).ToBeVisibleAsync();
        await olga.Page.Keyboard.PressAsync("Escape");
        await Expect(olga.Item("Notes.txt").Locator("[data-open]")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_name_is_text_whatever_is_in_it()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("<b>Olga</b>");
        const string name = "<img src=x onerror=alert(1)> & ${x}";
        await olga.Button("New folder").ClickAsync();
        await olga.Dialog.GetByLabel("Name").FillAsync(name);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(olga.Page.GetByText(name)).ToBeVisibleAsync();
        await olga.Page.GetByText(name).ClickAsync();
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = name })).ToBeVisibleAsync();
        Assert.Equal(0, await olga.Page.Locator("#app img[src='x'], #app b").CountAsync());
    }

    [Fact]
    public async Task A_long_folder_comes_page_by_page_in_the_order_that_is_asked_for()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Page.EvaluateAsync("""
            () => Promise.all(Array.from({ length: 70 }, (_, i) => fetch('/api/folders', { method: 'POST',
              headers: { 'Content-Type': 'application/json', 'EventFiles-Csrf': '1' }, body: JSON.stringify({ name: `Folder ${i + 1}` }) })))
            """);
        await olga.Page.ReloadAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(60);
        await Expect(olga.Page.Locator(".item").Nth(9)).ToContainTextAsync("Folder 10");
        await olga.Item("Folder 60").ScrollIntoViewIfNeededAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(70);
        await olga.Button("Ascending: switch to descending").ClickAsync();
        await Expect(olga.Page.Locator(".item").First).ToContainTextAsync("Folder 70");
        await olga.Page.ReloadAsync();
        await Expect(olga.Page.Locator(".item").First).ToContainTextAsync("Folder 70");
    }

    [Fact]
    public async Task What_is_selected_is_dragged_into_a_folder_together()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Button("New folder").ClickAsync();
        await olga.Dialog.GetByLabel("Name").FillAsync("Papers");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(olga.Dialog).ToBeHiddenAsync();
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.DropSample("Uploads per month.csv", "text/csv");
        await olga.Settles(3);
        await olga.Page.GetByLabel("Select Notes.txt").CheckAsync();
        await olga.Page.GetByLabel("Select Uploads per month.csv").CheckAsync();
        await olga.Item("Notes.txt").Locator(".item-picture").DragToAsync(olga.Item("Papers").Locator(".item-picture"));
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(1);
        await olga.Item("Papers").Locator("[data-open]").ClickAsync();
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(2);
        await olga.Item("Notes.txt").Locator(".item-picture").DragToAsync(olga.Page.GetByRole(AriaRole.Link, new() { Name = "My files" }).Last);
        await Expect(olga.Page.Locator(".item")).ToHaveCountAsync(1);
    }

    private static async Task UploadAndRename(Visitor olga)
    {
        await olga.DropSample(Dropped, "image/jpeg");
        await Expect(olga.Item(Dropped)).ToBeVisibleAsync();
        await Expect(olga.Item(Dropped).Locator(".has-picture img")).ToBeVisibleAsync();
        await olga.Choose(Dropped, "Rename");
        await olga.Page.GetByLabel($"New name for {Dropped}").FillAsync(Renamed);
        await olga.Page.Keyboard.PressAsync("Enter");
        await Expect(olga.Item(Renamed)).ToBeVisibleAsync();
    }

    private static async Task MoveIntoNewFolder(Visitor olga)
    {
        await olga.Button("New folder").ClickAsync();
        await olga.Dialog.GetByLabel("Name").FillAsync("Evenings");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(olga.Item("Evenings")).ToBeVisibleAsync();
        await olga.Choose(Renamed, "Move…");
        await olga.Dialog.Locator("label").Filter(new() { HasText = "Evenings" }).ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Move here" }).ClickAsync();
        await Expect(olga.Item(Renamed)).ToHaveCountAsync(0);
        await olga.Item("Evenings").Locator("[data-open]").ClickAsync();
        await Expect(olga.Item(Renamed)).ToBeVisibleAsync();
        await olga.Page.ReloadAsync();
        await Expect(olga.Item(Renamed)).ToBeVisibleAsync();
    }

    private static async Task ShareWith(Visitor olga, Visitor ravi)
    {
        await olga.Choose(Renamed, "Share…");
        await olga.Dialog.GetByLabel("E-mail").FillAsync("nobody there");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true }).ClickAsync();
        await Expect(olga.Dialog.Locator(".form-error").First).ToBeVisibleAsync();
        await olga.Dialog.GetByLabel("E-mail").FillAsync(ravi.Email);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true }).ClickAsync();
        await Expect(olga.Dialog.GetByText(ravi.Email)).ToBeVisibleAsync();

        await ravi.Page.GetByRole(AriaRole.Link, new() { Name = "Shared with me" }).ClickAsync();
        await Expect(ravi.Item(Renamed)).ToContainTextAsync("Shared by Olga");
        await ravi.Item(Renamed).Locator("[data-open]").ClickAsync();
        await Expect(ravi.Dialog.GetByRole(AriaRole.Img, new() { Name = Renamed })).ToBeVisibleAsync();
        await ravi.Page.Keyboard.PressAsync("Escape");
    }

    private static async Task<string> CreateLink(Visitor olga)
    {
        await olga.Dialog.GetByText("Password, expiry and limit").ClickAsync();
        await olga.Dialog.GetByLabel("Password (optional)").FillAsync("schlüssel");
        await olga.Dialog.GetByLabel("Downloads (optional)").FillAsync("3");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create link" }).ClickAsync();
        await Expect(olga.Dialog.GetByLabel("Your new link")).ToBeVisibleAsync();
        await Expect(olga.Dialog.GetByText("0 of 3 downloads")).ToBeVisibleAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        var url = await olga.Dialog.GetByLabel("Your new link").InputValueAsync();
        Assert.Equal(url, await olga.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Equal(url, await QrCodes.Read(olga.Dialog.GetByAltText("The link as a QR code")));
        await olga.Picture("share");
        await olga.Page.Keyboard.PressAsync("Escape");
        return url;
    }

    private async Task OpenLinkAsAStranger(string url)
    {
        await using var stranger = await fixture.Visit();
        await stranger.Page.GotoAsync(url);
        await stranger.Page.GetByLabel("Password").FillAsync("wrong");
        await stranger.Button("Open").ClickAsync();
        await Expect(stranger.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await stranger.Page.GetByLabel("Password").FillAsync("schlüssel");
        await stranger.Button("Open").ClickAsync();
        await Expect(stranger.Page.GetByRole(AriaRole.Heading, new() { Name = Renamed })).ToBeVisibleAsync();
        await Expect(stranger.Page.Locator(".has-picture img")).ToBeVisibleAsync();
        await stranger.Picture("link");
        Assert.Empty(await stranger.Barriers());
        var download = await stranger.Page.RunAndWaitForDownloadAsync(() => stranger.Button("Download").ClickAsync());
        Assert.Equal(Renamed, download.SuggestedFilename);
        Assert.True(new FileInfo(await download.PathAsync()).Length > 1000);
    }

    private static async Task Leave(Visitor olga, Visitor ravi)
    {
        await olga.Choose(Renamed, "Move to trash");
        await Expect(olga.Item(Renamed)).ToHaveCountAsync(0);
        await ravi.Page.ReloadAsync();
        await Expect(ravi.Page.GetByText("Nothing is shared with you yet")).ToBeVisibleAsync();

        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await olga.Choose(Renamed, "Restore");
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "My files" }).ClickAsync();
        await olga.Item("Evenings").Locator("[data-open]").ClickAsync();
        await olga.Choose(Renamed, "Move to trash");
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await olga.Choose(Renamed, "Delete for good");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete for good" }).ClickAsync();
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
        await Expect(olga.Page.Locator("#quota-words")).ToHaveAttributeAsync("title", "0 bytes used");
        Assert.Equal((0, 0, 0), await olga.Space());
    }
}
