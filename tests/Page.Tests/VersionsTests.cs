using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>The versions of a file, as people meet them in the panel of its details.</summary>
public sealed class VersionsTests(PageFixture fixture)
{
    private const string Name = "Notes.txt";

    [Fact]
    public async Task A_version_is_labelled_restored_downloaded_and_deleted()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.DropSample(Name, "text/plain");
        await olga.Settles(1);
        await AddVersion(olga, "another text");
        await olga.Choose(Name, "Details");
        var panel = olga.Page.Locator("#details");
        await Expect(panel.Locator(".versions li")).ToHaveCountAsync(2);
        await Expect(panel.Locator(".versions li").First).ToContainTextAsync("Current");
        await Expect(panel.GetByRole(AriaRole.Button, new() { Name = "Delete version 2" })).ToHaveCountAsync(0);

        await panel.GetByRole(AriaRole.Button, new() { Name = "Label version 1" }).ClickAsync();
        await olga.Dialog.GetByLabel("Label").FillAsync("As <b>signed</b>");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(panel.GetByText("As <b>signed</b>", new() { Exact = true })).ToBeVisibleAsync();
        await olga.Picture("versions");
        Assert.Empty(await olga.Barriers());

        await panel.GetByRole(AriaRole.Button, new() { Name = "Make version 1 the current one" }).ClickAsync();
        await Expect(panel.GetByText("restored from version 1")).ToBeVisibleAsync();
        await Expect(panel.Locator(".versions li")).ToHaveCountAsync(3);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Server.Root, "samples", Name)), await olga.Download(Name));
        var old = await olga.Page.RunAndWaitForDownloadAsync(() => panel.GetByRole(AriaRole.Link, new() { Name = "Download version 2" }).ClickAsync());
        Assert.Equal("another text", await File.ReadAllTextAsync(await old.PathAsync()));

        await panel.GetByRole(AriaRole.Button, new() { Name = "Delete version 2" }).ClickAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(panel.Locator(".versions li")).ToHaveCountAsync(2);
        var size = new FileInfo(Path.Combine(Server.Root, "samples", Name)).Length;
        await olga.ReadUntil("/api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == size);
    }

    // As another program of theirs would: the page itself uploads by name.
    private static async Task AddVersion(Visitor visitor, string text)
    {
        var item = (await visitor.Read("/api/folders/root/children")).GetProperty("items").EnumerateArray().Single();
        await visitor.Page.EvaluateAsync(
            """
            async ([id, text]) => {
              const form = new FormData();
              form.append('fileId', id);
              form.append('file', new Blob([text], { type: 'text/plain' }), 'x');
              const reply = await fetch('/api/upload', { method: 'POST', headers: { 'EventFiles-Csrf': '1', Prefer: 'wait=60' }, body: form });
              if (reply.status !== 202) throw new Error(await reply.text());
            }
            """, new object[] { item.GetProperty("id").GetString()!, text });
    }
}
