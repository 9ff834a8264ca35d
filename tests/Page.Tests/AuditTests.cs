using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>The auditors' page, as an auditor meets it.</summary>
public sealed class AuditTests(PageFixture fixture)
{
    [Fact]
    public async Task An_auditor_sees_what_happened_to_a_file_goes_back_in_time_and_takes_it_along()
    {
        await using var server = await Server.Start();
        // The first who comes runs the place, and names herself auditor.
        await using var ada = await fixture.Visit(address: server.Address);
        await ada.Register("Ada");
        var me = (await ada.Read("/api/me")).GetProperty("id").GetString();
        await ada.Page.EvaluateAsync($"fetch('/api/admin/accounts/{me}/auditor', {{ method: 'PUT', headers: {{ 'EventFiles-Csrf': '1', 'Prefer': 'wait=60' }} }})");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var file = await olga.Keep("plan <b>.txt", [1, 2, 3]);
        await olga.Settled(file);
        var share = (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201).Json()).Id();
        await ravi.Delete($"api/files/{file}").Problem(403, "files.not-allowed");
        await olga.Delete($"api/shares/{share}").Expect(204);
        await ada.ReadUntil($"/api/audit/events?file={file}&outcome=refused", page => page.GetProperty("items").GetArrayLength() == 1);
        var all = (await ada.Read($"/api/audit/events?file={file}&limit=1000")).GetProperty("items");

        await ada.Page.ReloadAsync();
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "Audit log" }).ClickAsync();
        await ada.Page.GetByLabel("Its id").FillAsync($"{file}");
        await ada.Button("Show").ClickAsync();
        var rows = ada.Page.Locator(".timeline > li");
        await Expect(rows).ToHaveCountAsync(all.GetArrayLength());
        await Expect(ada.Page.Locator(".timeline > li.refused")).ToContainTextAsync("Trash file refused: files.not-allowed");
        await Expect(ada.Page.Locator(".audit-access")).ToContainTextAsync("Olga");
        await Expect(ada.Page.Locator(".audit-access")).Not.ToContainTextAsync("Ravi");

        // Back to where it was shared: then Ravi could open it, and nothing later is shown.
        var shared = all.EnumerateArray().TakeWhile(one => one.GetProperty("what").GetString()!.StartsWith("share.granted", StringComparison.Ordinal) == false).Count() + 1;
        await ada.Page.GetByLabel("Go back in time").EvaluateAsync("(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('change')); }", $"{shared}");
        await Expect(rows).ToHaveCountAsync(shared);
        await Expect(ada.Page.Locator(".audit-access")).ToContainTextAsync("Ravi");
        await Expect(rows.Last).ToContainTextAsync("Share granted");
        await rows.Last.GetByText("Details").ClickAsync();
        await Expect(rows.Last).ToContainTextAsync("by Olga");
        Assert.Empty(await ada.Barriers());

        var download = await ada.Page.RunAndWaitForDownloadAsync(() => ada.Page.GetByRole(AriaRole.Link, new() { Name = "Save as CSV" }).ClickAsync());
        var csv = await File.ReadAllTextAsync(await download.PathAsync());
        Assert.Equal(all.GetArrayLength() + 1, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.EndsWith(".csv", download.SuggestedFilename, StringComparison.Ordinal);

        await ada.Page.GetByLabel("About").SelectOptionAsync("person");
        await ada.Page.GetByLabel("Its id").FillAsync($"{ravi.Id}");
        await ada.Page.GetByLabel("Outcome").SelectOptionAsync("refused");
        await ada.Button("Show").ClickAsync();
        await Expect(rows).ToHaveCountAsync(1);
        await ada.Page.GetByLabel("About").SelectOptionAsync("folder");
        await ada.Page.GetByLabel("Outcome").SelectOptionAsync("");
        await ada.Page.GetByLabel("Its id").FillAsync($"{(await olga.Post("api/folders", new { name = "Papers" }).Expect(201).Json()).Id()}");
        await ada.Button("Show").ClickAsync();
        await Expect(rows).ToContainTextAsync(["created"]);
        await ada.Page.GetByLabel("As it stood on").FillAsync("2020-01-01T00:00:01");
        await ada.Button("Show").ClickAsync();
        await Expect(rows).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Who_is_no_auditor_is_told_so()
    {
        await using var olga = await fixture.Visit();
        await olga.Page.GotoAsync("/audit");
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in first" })).ToBeVisibleAsync();
        await olga.Register("Olga");
        await Expect(olga.Page.GetByRole(AriaRole.Link, new() { Name = "Audit log" })).ToHaveCountAsync(0);
        await olga.Page.GotoAsync("/audit");
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = "This is for auditors" })).ToBeVisibleAsync();
    }
}
