using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>Storage that belongs to a group, as an administrator, a member and who manages the group meet it.</summary>
public sealed class SpaceTests(PageFixture fixture)
{
    [Fact]
    public async Task An_administrator_opens_a_space_a_member_fills_it_and_who_manages_the_group_throws_away()
    {
        await using var server = await Server.Start();
        await using var ada = await fixture.Visit(address: server.Address);
        await using var olga = await fixture.Visit(address: server.Address);
        await using var ravi = await fixture.Visit(address: server.Address);
        await ada.Register("Ada");
        await olga.Register("Olga");
        await ravi.Register("Ravi");
        using var mei = await Person.Register(server.Address, "Mei");
        var team = (await mei.Post("api/groups", new { name = "Team <b>" }).Expect(201).Json()).Id();
        await mei.Post($"api/groups/{team}/members", new { member = olga.Email, isManager = true }).Expect(200);
        await mei.Post($"api/groups/{team}/members", new { member = ravi.Email }).Expect(200);

        await ada.Button("Accounts").ClickAsync();
        await ada.Dialog.GetByRole(AriaRole.Button, new() { Name = "Open a space…" }).ClickAsync();
        await ada.Dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("Plans");
        await ada.Dialog.GetByLabel("Limit in MiB", new() { Exact = true }).FillAsync("2");
        await ada.Dialog.GetByLabel("How many files").FillAsync("5");
        Assert.Empty(await ada.Barriers());
        await ada.Dialog.GetByRole(AriaRole.Button, new() { Name = "Open it" }).ClickAsync();
        await Expect(ada.Dialog.GetByText("of 5 files")).ToBeVisibleAsync();
        Assert.Empty(await ada.Barriers());

        await ravi.Page.GetByRole(AriaRole.Link, new() { Name = "Shared with me" }).ClickAsync();
        await ravi.Item("Plans").GetByRole(AriaRole.Button, new() { NameRegex = new("^Plans") }).ClickAsync();
        await Expect(ravi.Page.GetByRole(AriaRole.Heading, new() { Name = "Plans" })).ToBeVisibleAsync();
        var space = ravi.Page.GetByRole(AriaRole.Region, new() { Name = "Space of the group" });
        await Expect(space).ToContainTextAsync("the space of Team <b>: 0 bytes of 2.1 MB used");
        await ravi.DropSample("Dusk over the hills.jpg", "image/jpeg");
        await ravi.Settles(1);
        await Expect(space).ToContainTextAsync("1 of 5 files");
        await Expect(space.GetByRole(AriaRole.Link)).ToHaveCountAsync(0);
        Assert.Equal((0, 0, 0), await ravi.Space());
        Assert.Empty(await ravi.Barriers());

        await olga.Page.GotoAsync($"/#/folder/{team}");
        await olga.Settles(1);
        await olga.Choose("Dusk over the hills.jpg", "Move to trash");
        await olga.Settles(0);
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash of the space" }).ClickAsync();
        await Expect(olga.Item("Dusk over the hills.jpg")).ToBeVisibleAsync();
        Assert.Empty(await olga.Barriers());
        await olga.Button("Empty trash").ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Empty the trash" }).ClickAsync();
        await Expect(olga.Page.GetByText("The trash is empty").First).ToBeVisibleAsync();
        await olga.ReadUntil($"/api/groups/{team}/space", one => one.GetProperty("usedBytes").GetInt64() == 0);

        await ada.Dialog.GetByRole(AriaRole.Button, new() { Name = "Close the space" }).ClickAsync();
        await ada.Dialog.GetByRole(AriaRole.Button, new() { Name = "Close it" }).ClickAsync();
        await Expect(ada.Dialog.GetByRole(AriaRole.Button, new() { Name = "Open a space…" })).ToBeVisibleAsync();
    }
}
