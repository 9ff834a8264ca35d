using System.Collections.Concurrent;
using System.Text.Json;
using EventFiles.Journeys.Tests;
using Microsoft.Playwright;

namespace EventFiles.Page.Tests;

/// <summary>Somebody at the page. What the browser complains of while they are there fails the test when they leave.</summary>
public sealed class Visitor : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>How long anything may take on a machine that is busy with other things.</summary>
    public const int PatienceMs = 60_000;

    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> complaints = [];
    private ICDPSession? network;

    private Visitor(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
    }

    public IPage Page { get; }

    public string Email { get; } = $"{Guid.NewGuid():N}@example.org";

    /// <summary>Whether the server fails them here; then it is no complaint that the browser says so.</summary>
    public bool LosesServer { get; set; }

    public static async Task<Visitor> Enter(IBrowserContext context)
    {
        var visitor = new Visitor(context, await context.NewPageAsync());
        context.SetDefaultTimeout(PatienceMs);
        visitor.Page.PageError += (_, error) => visitor.complaints.Enqueue($"Error: {error}");
        visitor.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !visitor.IsExpected(message.Text))
                visitor.complaints.Enqueue($"{message.Type}: {message.Text}");
        };
        await visitor.Page.AddInitScriptAsync(
            "addEventListener('securitypolicyviolation', e => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`))");
        return visitor;
    }

    /// <summary>Creates an account at the gate and waits for the page behind it.</summary>
    public async Task Register(string name)
    {
        await Page.GotoAsync("/");
        await Button("Create an account").ClickAsync();
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await Page.GetByLabel("E-mail").FillAsync(Email);
        await Page.GetByLabel("Password").FillAsync(Password);
        await Button("Create account").ClickAsync();
        await Page.GetByRole(AriaRole.Heading, new() { Name = "My files" }).WaitForAsync();
        await Page.Locator("#main[aria-busy=false]").WaitForAsync();
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>The item of that name in the listing.</summary>
    public ILocator Item(string name) => Page.Locator(".item").Filter(new() { Has = Page.GetByTitle(name, new() { Exact = true }) });

    /// <summary>The dialog in front.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    /// <summary>Chooses from the menu of an item.</summary>
    public async Task Choose(string item, string action)
    {
        await Item(item).HoverAsync();
        await Button($"Actions for {item}").ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem, new() { Name = action, Exact = true }).ClickAsync();
    }

    /// <summary>Chooses files from the disk, as the button offers.</summary>
    public async Task Upload(params string[] paths)
    {
        var chooser = await Page.RunAndWaitForFileChooserAsync(() => Button("Upload").ClickAsync());
        await chooser.SetFilesAsync(paths);
    }

    /// <summary>Until so many items are there and nothing about them is in progress: nothing is drawn anew after this.</summary>
    public async Task Settles(int items)
    {
        await Assertions.Expect(Page.Locator(".upload:not([data-state=done])")).ToHaveCountAsync(0);
        await Assertions.Expect(Page.Locator(".item")).ToHaveCountAsync(items);
        await Assertions.Expect(Page.Locator(".badge.processing, .badge.uploading")).ToHaveCountAsync(0);
    }

    /// <summary>What the page's own download of an item saves.</summary>
    public async Task<byte[]> Download(string item)
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => Choose(item, "Download"));
        Assert.Equal(item, download.SuggestedFilename);
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    /// <summary>Makes the way to the server so narrow that nothing large is through soon; null opens it again.</summary>
    public async Task Narrow(int? bytesPerSecond)
    {
        network ??= await context.NewCDPSessionAsync(Page);
        await network.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 0,
            ["downloadThroughput"] = -1,
            ["uploadThroughput"] = bytesPerSecond ?? -1,
        });
    }

    /// <summary>Drops one of the project's samples on the page, as from a desktop.</summary>
    public async Task DropSample(string name, string type)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Server.Root, "samples", name));
        await Drop(name, type, Convert.ToBase64String(bytes), size: 0);
    }

    /// <summary>Drops a file of that many bytes, the same ones each time.</summary>
    public Task DropLarge(string name, int size) => Drop(name, "application/octet-stream", content: "", size);

    /// <summary>What <see cref="DropLarge"/> puts into a file.</summary>
    public static byte[] Large(int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[i] = (byte)(i * 31 % 251);
        return bytes;
    }

    /// <summary>The API's answer to this visitor.</summary>
    public async Task<JsonElement> Read(string path) =>
        (await (await context.APIRequest.GetAsync(path)).JsonAsync())!.Value;

    /// <summary>The exact figures of their space.</summary>
    public async Task<(long Used, long Reserved, long Files)> Space()
    {
        var quota = await Read("/api/quota");
        long Figure(string name) => quota.GetProperty(name).GetInt64();
        return (Figure("usedBytes"), Figure("reservedBytes"), Figure("files"));
    }

    /// <summary>Goes on as soon as the figures are these.</summary>
    public async Task<JsonElement> ReadUntil(string path, Func<JsonElement, bool> isSo)
    {
        for (var end = DateTime.UtcNow.AddMilliseconds(PatienceMs); ; await Task.Delay(100))
        {
            var now = await Read(path);
            if (isSo(now))
                return now;
            Assert.True(DateTime.UtcNow < end, $"{path} stays {now}");
        }
    }

    /// <summary>Keeps a picture of the page for people to look at.</summary>
    public async Task Picture(string name) =>
        await Page.ScreenshotAsync(new()
        {
            Path = Path.Combine(Server.Root, "tests", "Page.Tests", "TestResults", $"{name}.png"),
            Animations = ScreenshotAnimations.Disabled,
        });

    /// <summary>What the accessibility rules of WCAG 2.2 AA say against the page as it is now.</summary>
    public async Task<IReadOnlyList<string>> Barriers()
    {
        await Page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "axe.min.js")));
        return await Page.EvaluateAsync<string[]>("""
            async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
              .violations.filter(v => ['serious', 'critical', 'moderate'].includes(v.impact))
              .map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ') + ' ' + n.any.map(a => a.message).join()).join(' | ')}`)
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        Assert.Empty(complaints);
    }

    // A refusal that the page handles; the browser reports each. A failure of the server is none.
    private bool IsExpected(string message) =>
        message.StartsWith("Failed to load resource: the server responded with a status of 4", StringComparison.Ordinal)
        || (LosesServer && message.StartsWith("Failed to load resource: ", StringComparison.Ordinal));

    private async Task Drop(string name, string type, string content, int size) => await Page.EvaluateAsync(
        """
        ([name, type, content, size]) => {
          const bytes = content ? Uint8Array.from(atob(content), c => c.charCodeAt(0)) : Uint8Array.from({ length: size }, (_, i) => i * 31 % 251);
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], name, { type, lastModified: 1_700_000_000_000 }));
          for (const kind of ['dragenter', 'dragover', 'drop'])
            document.getElementById('main').dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }
        """, new object[] { name, type, content, size });
}
