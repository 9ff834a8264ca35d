using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>Ownership is offered, taken back, declined and accepted as people do it.</summary>
public sealed class TransferTests(PageFixture fixture)
{
    [Fact]
    public async Task What_is_offered_is_withdrawn_declined_or_accepted()
    {
        await using var olga = await fixture.Visit();
        await using var ravi = await fixture.Visit();
        await olga.Register("Olga");
        await ravi.Register("Ravi");
        await Expect(Region(ravi)).ToBeHiddenAsync();
        await olga.Button("New folder").ClickAsync();
        await olga.Dialog.GetByLabel("Name").FillAsync("Papers");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(olga.Dialog).ToBeHiddenAsync();
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.Settles(2);

        await Offer(olga, "Papers", ravi, null);
        await Offer(olga, "Notes.txt", ravi, "View");
        await Expect(Region(olga).GetByText("2 items offered by you")).ToBeVisibleAsync();
        // A second offer of the same says why not, and stays open.
        await olga.Choose("Notes.txt", "Transfer ownership…");
        await olga.Dialog.GetByLabel("E-mail of the new owner").FillAsync(ravi.Email);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Offer" }).ClickAsync();
        await Expect(olga.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("withdraw that first");
        await olga.Picture("transfer");
        Assert.Empty(await olga.Barriers());
        await olga.Page.Keyboard.PressAsync("Escape");

        // One is taken back, offered again, and declined.
        await Look(olga);
        await Entry(olga, "Papers").GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).ClickAsync();
        await Expect(Entry(olga, "Papers")).ToHaveCountAsync(0);
        await olga.Page.Keyboard.PressAsync("Escape");
        await Offer(olga, "Papers", ravi, null);
        await ravi.Page.ReloadAsync();
        await Expect(Region(ravi).GetByText("2 items offered to you")).ToBeVisibleAsync();
        await Look(ravi);
        await Expect(Entry(ravi, "Papers")).ToContainTextAsync("from Olga");
        await ravi.Picture("transfers");
        Assert.Empty(await ravi.Barriers());
        await Entry(ravi, "Papers").GetByRole(AriaRole.Button, new() { Name = "Decline" }).ClickAsync();
        await Expect(Entry(ravi, "Papers")).ToHaveCountAsync(0);

        // The other is accepted, and is where it should be.
        await Entry(ravi, "Notes.txt").GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await Expect(ravi.Page.GetByText("“Notes.txt” is yours")).ToBeVisibleAsync();
        await ravi.Page.Keyboard.PressAsync("Escape");
        await Expect(Region(ravi)).ToBeHiddenAsync();
        await Expect(ravi.Item("Notes.txt")).ToBeVisibleAsync();
        Assert.Equal(1, (await ravi.Space()).Files);
        Assert.Equal(0, (await olga.Space()).Files);
        await olga.Page.ReloadAsync();
        await Expect(olga.Item("Papers")).ToBeVisibleAsync();
        await Expect(olga.Item("Notes.txt")).ToHaveCountAsync(0);
        await Expect(Region(olga)).ToBeHiddenAsync();
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Shared with me" }).ClickAsync();
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
    }

    private static ILocator Region(Visitor who) => who.Page.GetByRole(AriaRole.Region, new() { Name = "Transfers of ownership" });

    private static ILocator Entry(Visitor who, string name) =>
        who.Dialog.GetByRole(AriaRole.Listitem).Filter(new() { Has = who.Page.GetByTitle(name, new() { Exact = true }) });

    private static async Task Look(Visitor who)
    {
        await Region(who).GetByRole(AriaRole.Button, new() { Name = "Look…" }).ClickAsync();
        await Expect(who.Dialog.GetByRole(AriaRole.Heading, new() { Name = "Offered to you" })).ToBeVisibleAsync();
    }

    private static async Task Offer(Visitor who, string item, Visitor to, string? keep)
    {
        await who.Choose(item, "Transfer ownership…");
        await who.Dialog.GetByLabel("E-mail of the new owner").FillAsync(to.Email);
        if (keep is not null)
            await who.Dialog.GetByLabel("What you may do afterwards").SelectOptionAsync(new SelectOptionValue { Label = keep });
        await who.Dialog.GetByRole(AriaRole.Button, new() { Name = "Offer" }).ClickAsync();
        await Expect(who.Dialog).ToHaveCountAsync(0);
    }
}
