using System.Globalization;
using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>What stays and for how long, and what was: rules of folders, holds, former versions and former folders.</summary>
public sealed class KeepingTests(PageFixture fixture)
{
    [Fact]
    public async Task A_rule_of_a_folder_is_set_seen_below_and_taken_away()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.Button("New folder").ClickAsync();
        await olga.Dialog.GetByLabel("Name").FillAsync("Letters");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var folder = (await olga.ReadUntil("/api/folders/root/children", page => page.GetProperty("items").GetArrayLength() == 1))
            .GetProperty("items")[0].GetProperty("id").GetString();

        await olga.Button("Retention").ClickAsync();
        await Expect(olga.Dialog).ToContainTextAsync("Here everything stays until somebody deletes it.");
        await olga.Dialog.GetByLabel("Empty the trash after").FillAsync("30");
        await olga.Dialog.GetByLabel("Delete files for good after").FillAsync("10");
        await olga.Dialog.GetByLabel("Keep files and versions at least").FillAsync("20");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        // It contradicts itself: refused, and the dialog stays.
        await Expect(olga.Dialog.Locator(".form-error")).ToBeVisibleAsync();
        await olga.Dialog.GetByLabel("Keep files and versions at least").FillAsync("");
        await olga.Picture("retention");
        Assert.Empty(await olga.Barriers());
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(olga.Dialog).ToHaveCountAsync(0);

        await olga.Choose("Letters", "Retention…");
        await Expect(olga.Dialog).ToContainTextAsync("Here files are deleted 10 days after their last change, the trash is emptied after 30 days.");
        await Expect(olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Remove the rule" })).ToHaveCountAsync(0);
        await olga.Dialog.GetByLabel("Of each file keep so many versions").FillAsync("3");
        await olga.Dialog.GetByLabel("Counted from").SelectOptionAsync("created");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(olga.Dialog).ToHaveCountAsync(0);
        Assert.Equal(3, (await olga.Read($"/api/folders/{folder}/retention")).GetProperty("own").GetProperty("keepVersions").GetInt32());

        await olga.Choose("Letters", "Retention…");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Remove the rule" }).ClickAsync();
        await Expect(olga.Dialog).ToHaveCountAsync(0);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await olga.Read($"/api/folders/{folder}/retention")).GetProperty("own").ValueKind);
    }

    [Fact]
    public async Task A_file_gets_a_new_version_and_its_folder_is_looked_at_as_it_was()
    {
        await using var olga = await fixture.Visit();
        await olga.Register("Olga");
        await olga.DropSample("Notes.txt", "text/plain");
        await olga.Settles(1);
        var before = DateTimeOffset.UtcNow;
        // What the field holds is as fine as a second.
        await olga.ReadUntil("/api/me", _ => DateTimeOffset.UtcNow - before > TimeSpan.FromSeconds(1.5));
        var local = await olga.Page.EvaluateAsync<string>(
            "time => { const date = new Date(time); return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19); }",
            before.AddSeconds(1).ToString("o", CultureInfo.InvariantCulture));

        var changed = Path.Combine(Directory.CreateTempSubdirectory("eventfiles-page-").FullName, "other name.txt");
        await File.WriteAllTextAsync(changed, "changed");
        var chooser = await olga.Page.RunAndWaitForFileChooserAsync(() => olga.Choose("Notes.txt", "Upload a new version…"));
        await chooser.SetFilesAsync(changed);
        await olga.ReadUntil("/api/folders/root/children", page => page.GetProperty("items")[0].GetProperty("version").GetInt32() == 2);
        await olga.Settles(1);
        Assert.Equal("changed", System.Text.Encoding.UTF8.GetString(await olga.Download("Notes.txt")));
        await olga.Choose("Notes.txt", "Details");
        await Expect(olga.Page.Locator("#details .versions li")).ToHaveCountAsync(2);
        await File.WriteAllTextAsync(changed, "changed again");
        chooser = await olga.Page.RunAndWaitForFileChooserAsync(() => olga.Page.Locator("#details").GetByRole(AriaRole.Button, new() { Name = "Upload a new version…" }).ClickAsync());
        await chooser.SetFilesAsync(changed);
        await Expect(olga.Page.Locator("#details .versions li")).ToHaveCountAsync(3);
        await olga.Page.Keyboard.PressAsync("Escape");

        await olga.Button("Look back").ClickAsync();
        await olga.Dialog.GetByLabel("When").FillAsync(local);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(olga.Page.GetByRole(AriaRole.Region, new() { Name = "Looking back" })).ToContainTextAsync("As it was");
        await Expect(olga.Item("Notes.txt")).ToBeVisibleAsync();
        await Expect(olga.Button("Upload")).ToHaveCountAsync(0);
        await olga.Picture("looking-back");
        Assert.Empty(await olga.Barriers());
        var download = await olga.Page.RunAndWaitForDownloadAsync(() => olga.Choose("Notes.txt", "Download this version"));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(Server.Root, "samples", "Notes.txt")), await File.ReadAllBytesAsync(await download.PathAsync()));

        await olga.Button("Back to now").ClickAsync();
        await Expect(olga.Button("Upload")).ToBeVisibleAsync();
        await Expect(olga.Page.GetByRole(AriaRole.Region, new() { Name = "Looking back" })).ToBeHiddenAsync();
    }

    [Fact]
    public async Task An_auditor_places_a_hold_and_lifts_it()
    {
        await using var server = await Server.Start();
        await using var ada = await fixture.Visit(address: server.Address);
        await ada.Register("Ada");
        var me = (await ada.Read("/api/me")).GetProperty("id").GetString();
        await ada.Page.EvaluateAsync($"fetch('/api/admin/accounts/{me}/auditor', {{ method: 'PUT', headers: {{ 'EventFiles-Csrf': '1', 'Prefer': 'wait=60' }} }})");
        using var olga = await Person.Register(server.Address, "Olga");
        var file = await olga.Keep("plan.txt", [1, 2, 3]);

        await ada.Page.GotoAsync("/audit");
        await Expect(ada.Page.GetByText("Nothing is on hold.")).ToBeVisibleAsync();
        await ada.Page.GetByLabel("The id of what is held").FillAsync($"{file}");
        await ada.Page.GetByLabel("Reason").FillAsync("Case <b>117</b>");
        await ada.Button("Place a hold").ClickAsync();
        await Expect(ada.Page.Locator(".holds li")).ToContainTextAsync("Case <b>117</b>");
        await ada.Picture("holds");
        Assert.Empty(await ada.Barriers());
        await olga.Delete($"api/files/{file}?permanent=true").Problem(409, "hold.stands");

        await ada.Button("Lift…").ClickAsync();
        await ada.Dialog.GetByLabel("Reason").FillAsync("Closed");
        await ada.Dialog.GetByRole(AriaRole.Button, new() { Name = "Lift it" }).ClickAsync();
        await Expect(ada.Page.GetByText("Nothing is on hold.")).ToBeVisibleAsync();
        await olga.Delete($"api/files/{file}?permanent=true").Expect(202);
    }
}
