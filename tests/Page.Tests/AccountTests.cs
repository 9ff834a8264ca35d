using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>The account's own settings and the administrator's pages, as people meet them.</summary>
public sealed class AccountTests(PageFixture fixture)
{
    private static string Sample(string name) => Path.Combine(Server.Root, "samples", name);

    [Fact]
    public async Task Somebody_renames_themselves_makes_a_token_and_revokes_it()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Button("Your account").ClickAsync();
        await olga.Dialog.GetByLabel("How others see you").FillAsync("Olga the Second");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await Expect(olga.Page.Locator("#account-name")).ToHaveTextAsync("Olga the Second");

        await olga.Dialog.GetByLabel("What it is for").FillAsync("Nightly <b>backup</b>");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Make token" }).ClickAsync();
        await Expect(olga.Dialog.Locator("code.secret")).ToContainTextAsync("efp_");
        await Expect(olga.Dialog.GetByText("Nightly <b>backup</b>", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty(await olga.Barriers());

        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke Nightly <b>backup</b>" }).ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await Expect(olga.Dialog.GetByText("No program acts in your name.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Somebody_takes_along_all_that_is_theirs()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Button("Your account").ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Export my data" }).ClickAsync();
        var link = olga.Dialog.GetByRole(AriaRole.Link, new() { NameRegex = new("^Download") });
        await Expect(link).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.Empty(await olga.Barriers());
        var begun = olga.Page.WaitForDownloadAsync();
        await link.ClickAsync();
        var download = await begun;
        Assert.StartsWith("eventfiles-export-", download.SuggestedFilename, StringComparison.Ordinal);
        Assert.Null(await download.FailureAsync());
    }

    [Fact]
    public async Task Somebody_is_shown_by_a_picture_and_without_one_by_their_initials()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga van Dael");
        var mark = olga.Page.Locator("#account-mark");
        await Expect(mark).ToHaveTextAsync("OD");
        await Expect(mark.Locator("img")).ToHaveCountAsync(0);
        await olga.Button("Your account").ClickAsync();
        var part = olga.Dialog.Locator("section").Filter(new() { HasText = "A picture of you" });
        var (file, use) = (part.GetByLabel("A picture of you"), part.GetByRole(AriaRole.Button, new() { Name = "Use this picture" }));

        // What is too long is not even sent.
        await file.SetInputFilesAsync(new FilePayload { Name = "long.png", MimeType = "image/png", Buffer = new byte[(5 << 20) + 1] });
        await use.ClickAsync();
        await Expect(part.GetByRole(AriaRole.Alert)).ToHaveTextAsync("A picture of you has at most 5 MiB.");
        await file.SetInputFilesAsync(Sample("Notes.txt"));
        await Expect(part.GetByText("This file cannot be shown as a picture.")).ToBeVisibleAsync();
        await use.ClickAsync();
        await Expect(part.GetByRole(AriaRole.Alert)).ToHaveTextAsync("A picture of you is a PNG, JPEG or WebP.");
        await Expect(mark).ToHaveTextAsync("OD");

        await file.SetInputFilesAsync(Sample("Dusk over the hills.jpg"));
        await Expect(part.GetByAltText("The picture that you chose")).ToBeVisibleAsync();
        await Expect(part.GetByText("Not used yet.")).ToBeVisibleAsync();
        await use.ClickAsync();
        await Expect(part.GetByText("Others see you like this.")).ToBeVisibleAsync();
        await Expect(part.GetByRole(AriaRole.Alert)).ToBeHiddenAsync();
        await Expect(mark.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 256);
        Assert.Empty(await olga.Barriers());
        await olga.Page.ReloadAsync();
        await Expect(mark.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 256);

        await olga.Button("Your account").ClickAsync();
        await part.GetByRole(AriaRole.Button, new() { Name = "Remove picture" }).ClickAsync();
        await Expect(part.GetByText("Others see your initials.")).ToBeVisibleAsync();
        await Expect(mark.Locator("img")).ToHaveCountAsync(0);
        await Expect(part.GetByRole(AriaRole.Button, new() { Name = "Remove picture" })).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Whom_somebody_has_to_do_with_is_offered_for_sharing_and_anybody_elses_address_is_taken_as_typed()
    {
        await using var server = await Server.Start();
        await using var olga = await fixture.Visit(address: server.Address);
        await olga.Register("Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var stranger = await Person.Register(server.Address, "Radu");
        await ravi.Patch("api/me", new { displayName = "Ravi <b>" }).Expect(200);
        using var face = new ByteArrayContent(await File.ReadAllBytesAsync(Sample("Flower.png")));
        await ravi.Http.PutAsync("api/me/avatar", face).Expect(200);
        var group = (await ravi.Post("api/groups", new { name = "Rangers" }).Expect(201).Json()).Id();
        await ravi.Post($"api/groups/{group}/members", new { member = olga.Email }).Expect(200);
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.Settles(1);
        await olga.Choose("Notes.txt", "Share…");
        var who = olga.Dialog.GetByRole(AriaRole.Combobox, new() { Name = "Name, e-mail or group" });
        var options = olga.Dialog.Locator(".options").GetByRole(AriaRole.Option);

        await who.PressSequentiallyAsync("ra");
        await Expect(options).ToHaveTextAsync([$"R<Ravi <b>{ravi.Email}", "RRangersGroup"]);
        await Expect(options.First.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 256);
        await Expect(who).ToHaveAttributeAsync("aria-expanded", "true");
        Assert.Empty(await olga.Barriers());
        // Closes the list and not the dialog.
        await who.PressAsync("Escape");
        await Expect(options).ToHaveCountAsync(0);
        await Expect(who).ToHaveAttributeAsync("aria-expanded", "false");
        await who.PressAsync("ArrowDown");
        await who.PressAsync("ArrowDown");
        await who.PressAsync("ArrowDown");
        await Expect(options.Last).ToHaveAttributeAsync("aria-selected", "true");
        await who.PressAsync("ArrowUp");
        await Expect(who).ToHaveAttributeAsync("aria-activedescendant", (await options.First.GetAttributeAsync("id"))!);
        await who.PressAsync("Enter");
        await Expect(who).ToHaveValueAsync(ravi.Email);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true }).ClickAsync();
        var shares = olga.Dialog.Locator(".share-list").First.GetByRole(AriaRole.Listitem);
        await Expect(shares).ToContainTextAsync(["Ravi <b>"]);
        await Expect(shares.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 256);

        // By the pointer, and whoever is nobody's acquaintance by an address alone.
        await who.PressSequentiallyAsync("Ran");
        await options.ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true }).ClickAsync();
        await Expect(shares).ToHaveCountAsync(2);
        await who.FillAsync(stranger.Email);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true }).ClickAsync();
        await Expect(shares).ToContainTextAsync(["Ravi <b>", "Rangers", stranger.Email]);
        await Expect(shares.Last.Locator("img")).ToHaveCountAsync(0);
        Assert.Empty(await olga.Barriers());
    }

    [Fact]
    public async Task An_authenticator_reads_its_secret_off_the_page()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Button("Your account").ClickAsync();
        var factor = olga.Dialog.Locator("section").Filter(new() { HasText = "Second factor" });
        await factor.GetByLabel("Your password").FillAsync(Visitor.Password);
        await factor.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        var letters = (await olga.Dialog.Locator("code.secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        Assert.Contains(
            $"secret={letters}&", await QrCodes.Read(olga.Dialog.GetByAltText("The secret as a QR code")), StringComparison.Ordinal);
        Assert.Empty(await olga.Barriers());
    }

    [Fact]
    public async Task A_link_without_its_end_says_so_and_a_made_up_one_is_refused()
    {
        await using var olga = await fixture.Visit();
        await olga.Page.GotoAsync("/letter.html");
        await Expect(olga.Page.GetByText("This link is not complete")).ToBeVisibleAsync();
        await olga.Page.GotoAsync("/letter.html?#confirm=made-up");
        await olga.Button("Confirm").ClickAsync();
        await Expect(olga.Page.GetByText("This link is not good, or not any more.")).ToBeVisibleAsync();
        Assert.Equal("", new Uri(olga.Page.Url).Fragment);
    }
}
