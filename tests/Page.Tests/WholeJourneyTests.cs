using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>The whole main job by the page's own controls, on a server that is killed and started again on the way.</summary>
public sealed class WholeJourneyTests(PageFixture fixture) : IDisposable
{
    private const string Picture = "Dusk over the hills.jpg";
    private const string Pdf = "What happened to a file.pdf";
    private const string Text = "Notes.txt";
    private const int LargeBytes = 12_000_000;

    // Half a minute for the large file: time enough for the kill to come while it is on its way.
    private const int NarrowBytesPerSecond = 400_000;
    private const int BegunBytes = 500_000;

    private readonly DirectoryInfo disk = Directory.CreateTempSubdirectory("eventfiles-disk-");

    [Fact]
    public async Task The_page_walks_the_whole_way_and_a_killed_server_loses_nothing_of_it()
    {
        await using var server = await Server.Start();
        await using var ravi = await fixture.Visit(address: server.Address);
        await using var olga = await fixture.Visit(address: server.Address);
        await ravi.Register("Ravi");
        await olga.Register("Olga");

        await UploadSamples(olga);
        await olga.Choose(Picture, "Share…");
        await ShareWith(olga, ravi);
        await SeesWhatIsShared(ravi);
        var link = await CreateLink(olga);
        await OpenAsAStranger(server, link);
        await ThrowAwayAndHaveBack(olga);
        await DeleteForGood(olga);

        var (olgas, ravis) = (LargeFile("Olga's film.bin"), LargeFile("Ravi's film.bin"));
        await BeginLargeUploads((olga, olgas), (ravi, ravis));
        var sent = Sent(olga);
        await server.Kill();
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("waiting for the server");
        await ravi.Page.GotoAsync("about:blank");
        await Task.WhenAll(olga.Narrow(null), ravi.Narrow(null));
        await server.Restart();

        await GoesOnByItself(olga, olgas, sent);
        await GoesOnWhenChosenAgain(ravi, ravis);
        await FindsEverythingAsItWas(olga, ravi);
        await SeesWhatIsShared(ravi);
        await OpenAsAStranger(server, link);
    }

    public void Dispose() => disk.Delete(recursive: true);

    private static async Task UploadSamples(Visitor olga)
    {
        await olga.Upload(PathOf(Picture), PathOf(Pdf), PathOf(Text));
        await olga.Settles(3);
        await ShowsThumbnails(olga);
        await ShowsSpace(olga, SizeOf(Picture) + SizeOf(Pdf) + SizeOf(Text));
        foreach (var name in new[] { Picture, Pdf, Text })
            Assert.Equal(BytesOf(PathOf(name)), await olga.Download(name));
        Assert.Equal(BytesOf(PathOf(Picture))[1000..2000], await Part(olga, Picture, "bytes=1000-1999"));
        Assert.Equal(BytesOf(PathOf(Pdf))[^500..], await Part(olga, Pdf, "bytes=-500"));
        await olga.Button("Clear finished").ClickAsync();
    }

    private static async Task ShareWith(Visitor olga, Visitor ravi)
    {
        await olga.Dialog.GetByLabel("E-mail").FillAsync(ravi.Email);
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true }).ClickAsync();
        await Expect(olga.Dialog.GetByText(ravi.Email)).ToBeVisibleAsync();
    }

    private static async Task SeesWhatIsShared(Visitor ravi)
    {
        await ravi.Page.GetByRole(AriaRole.Link, new() { Name = "Shared with me" }).ClickAsync();
        await Expect(ravi.Item(Picture)).ToContainTextAsync("Shared by Olga");
        await Expect(ravi.Item(Picture).Locator(".has-picture img")).ToBeVisibleAsync();
        Assert.Equal(BytesOf(PathOf(Picture)), await ravi.Download(Picture));
        await ravi.Page.GetByRole(AriaRole.Link, new() { Name = "My files" }).ClickAsync();
        await Expect(ravi.Button("Upload")).ToBeVisibleAsync();
    }

    private static async Task<string> CreateLink(Visitor olga)
    {
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Create link" }).ClickAsync();
        var url = await olga.Dialog.GetByLabel("Your new link").InputValueAsync();
        await olga.Page.Keyboard.PressAsync("Escape");
        return url;
    }

    private async Task OpenAsAStranger(Server server, string link)
    {
        await using var stranger = await fixture.Visit(address: server.Address);
        await stranger.Page.GotoAsync(link);
        await Expect(stranger.Page.GetByRole(AriaRole.Heading, new() { Name = Picture })).ToBeVisibleAsync();
        await Expect(stranger.Page.Locator(".has-picture img")).ToBeVisibleAsync();
        var download = await stranger.Page.RunAndWaitForDownloadAsync(
            () => stranger.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.Equal(BytesOf(PathOf(Picture)), await File.ReadAllBytesAsync(await download.PathAsync()));
    }

    private static async Task ThrowAwayAndHaveBack(Visitor olga)
    {
        await olga.Choose(Text, "Move to trash");
        await Expect(olga.Item(Text)).ToHaveCountAsync(0);
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await olga.Choose(Text, "Restore");
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "My files" }).ClickAsync();
        Assert.Equal(BytesOf(PathOf(Text)), await olga.Download(Text));
    }

    private static async Task DeleteForGood(Visitor olga)
    {
        await olga.Choose(Text, "Move to trash");
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "Trash" }).ClickAsync();
        await olga.Choose(Text, "Delete for good");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete for good" }).ClickAsync();
        await Expect(olga.Page.GetByText("The trash is empty")).ToBeVisibleAsync();
        await ShowsSpace(olga, SizeOf(Picture) + SizeOf(Pdf));
        Assert.Equal((SizeOf(Picture) + SizeOf(Pdf), 0, 2), await olga.Space());
        await olga.Page.GetByRole(AriaRole.Link, new() { Name = "My files" }).ClickAsync();
    }

    private static async Task BeginLargeUploads((Visitor, string) one, (Visitor, string) other)
    {
        var uploads = new List<(Visitor By, string Address)>();
        foreach (var (visitor, path) in new[] { one, other })
        {
            visitor.LosesServer = true;
            await visitor.Narrow(NarrowBytesPerSecond);
            var sends = await visitor.Page.RunAndWaitForRequestAsync(() => visitor.Upload(path), request => request.Method == "PATCH");
            uploads.Add((visitor, sends.Url));
            await Expect(visitor.Page.Locator("#quota-more")).ToHaveAttributeAsync("title", "12,000,000 bytes set aside");
        }

        foreach (var (visitor, address) in uploads)
            await HasOnRecord(visitor, address);
    }

    // While the request that brings the bytes is still on its way.
    private static async Task HasOnRecord(Visitor visitor, string upload)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await visitor.Page.EvaluateAsync<int>(
            """
            async address => {
              const reply = await fetch(address, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
              return Number(reply.headers.get('Upload-Offset'));
            }
            """, upload) < BegunBytes)
        {
            await Task.Delay(100, patience.Token);
        }
    }

    private static async Task GoesOnByItself(Visitor olga, string path, List<string> sent)
    {
        await Expect(olga.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");
        WentOn(sent);
        await olga.Settles(3);
        Assert.Equal(BytesOf(path), await olga.Download(Path.GetFileName(path)));
    }

    private static async Task GoesOnWhenChosenAgain(Visitor ravi, string path)
    {
        await ravi.Page.GotoAsync("/");
        await Expect(ravi.Page.GetByText("These uploads were interrupted")).ToBeVisibleAsync();
        var sent = Sent(ravi);
        var chooser = await ravi.Page.RunAndWaitForFileChooserAsync(
            () => ravi.Button($"Choose again: {Path.GetFileName(path)}").ClickAsync());
        await chooser.SetFilesAsync(path);
        await Expect(ravi.Page.Locator(".upload-words")).ToContainTextAsync("uploaded");
        WentOn(sent);
        await ravi.Settles(1);
        Assert.Equal(BytesOf(path), await ravi.Download(Path.GetFileName(path)));
        await ShowsSpace(ravi, LargeBytes);
        Assert.Equal((LargeBytes, 0, 1), await ravi.Space());
    }

    private static async Task FindsEverythingAsItWas(Visitor olga, Visitor ravi)
    {
        await olga.Page.ReloadAsync();
        await olga.Settles(3);
        await ShowsThumbnails(olga);
        await ShowsSpace(olga, SizeOf(Picture) + SizeOf(Pdf) + LargeBytes);
        Assert.Equal((SizeOf(Picture) + SizeOf(Pdf) + LargeBytes, 0, 3), await olga.Space());
        Assert.Equal(BytesOf(PathOf(Pdf)), await olga.Download(Pdf));
        await olga.Choose(Picture, "Share…");
        await Expect(olga.Dialog.GetByText(ravi.Email)).ToBeVisibleAsync();
        await Expect(olga.Dialog.GetByText("downloaded 1 ×")).ToBeVisibleAsync();
    }

    private static Task ShowsThumbnails(Visitor olga) => Task.WhenAll(new[] { Picture, Pdf }.Select(name =>
        Expect(olga.Item(name).Locator(".has-picture img")).ToBeVisibleAsync()));

    private static Task ShowsSpace(Visitor visitor, long usedBytes) => Expect(visitor.Page.Locator("#quota-words"))
        .ToHaveAttributeAsync("title", new Regex(string.Create(CultureInfo.InvariantCulture, $"^{usedBytes:N0} bytes used\n")));

    private static async Task<byte[]> Part(Visitor visitor, string name, string range)
    {
        var key = await visitor.Item(name).GetAttributeAsync("data-key");
        var reply = await visitor.Page.EvaluateAsync<string[]>(
            """
            async ([id, range]) => {
              const reply = await fetch(`/api/files/${id}/content`, { headers: { Range: range } });
              return [String(reply.status), btoa(String.fromCharCode(...new Uint8Array(await reply.arrayBuffer())))];
            }
            """, new[] { key!.Replace("file:", "", StringComparison.Ordinal), range });
        Assert.Equal("206", reply[0]);
        return Convert.FromBase64String(reply[1]);
    }

    // From here on, what the page sends of an upload: a beginning, or a piece and where it begins.
    private static List<string> Sent(Visitor visitor)
    {
        var sent = new List<string>();
        visitor.Page.Request += (_, request) =>
        {
            if (request.Method == "POST" && request.Url.EndsWith("/api/uploads", StringComparison.Ordinal))
                sent.Add("anew");
            if (request.Method == "PATCH" && request.Headers.TryGetValue("upload-offset", out var offset))
                sent.Add(offset);
        };
        return sent;
    }

    private static void WentOn(List<string> sent)
    {
        Assert.DoesNotContain("anew", sent);
        Assert.True(long.Parse(sent[0], CultureInfo.InvariantCulture) >= BegunBytes, $"It went on at {sent[0]}.");
    }

    private static string PathOf(string sample) => Path.Combine(Server.Root, "samples", sample);

    private static byte[] BytesOf(string path) => File.ReadAllBytes(path);

    private static long SizeOf(string sample) => new FileInfo(PathOf(sample)).Length;

    private string LargeFile(string name)
    {
        var path = Path.Combine(disk.FullName, name);
        File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(LargeBytes));
        return path;
    }
}
