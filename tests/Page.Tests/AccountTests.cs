using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>The account's own settings and the administrator's pages, as people meet them.</summary>
public sealed class AccountTests(PageFixture fixture)
{
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
