using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// A store with something of everything in it (versions, a share, a link, a file in the trash, one deleted for good), and
/// what must be so wherever it is restored.
/// </summary>
internal sealed class SmallLife : IDisposable
{
    private readonly Dictionary<string, string> contents = [];
    private Person ravi = null!;
    private Guid picture, deleted, trashed;
    private string link = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Person Olga { get; private set; } = null!;

    public Guid Picture => picture;

    public static async Task<SmallLife> On(Uri server)
    {
        var life = new SmallLife { Olga = await Person.Register(server, "Olga"), ravi = await Person.Register(server, "Ravi") };
        var olga = life.Olga;
        var folder = (await (await olga.Post("api/folders", new { name = "Reports" })).Expect(201).Json()).Id();
        life.picture = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        var plan = await olga.Keep("plan.txt", Samples.Text, "text/plain");
        await (await olga.Upload("plan.txt", RandomNumberGenerator.GetBytes(700_000), null, ("onConflict", "newVersion"))).Expect(202);
        var pdf = (await (await olga.Upload("Report.pdf", Samples.Pdf, "application/pdf", ("folderId", $"{folder}"))).Expect(202).Json()).GetProperty("file").Id();
        life.trashed = await olga.Keep("old.bin", RandomNumberGenerator.GetBytes(5_000));
        life.deleted = await olga.Keep("secret.bin", RandomNumberGenerator.GetBytes(6_000));
        foreach (var file in new[] { life.picture, plan, pdf, life.trashed, life.deleted })
            await olga.Settled(file);
        await (await olga.Post($"api/files/{life.picture}/shares", new { grantee = life.ravi.Email, role = "viewer" })).Expect(201);
        life.link = (await (await olga.Post($"api/files/{pdf}/links", new { password = "open sesame" })).Expect(201).Json()).GetProperty("token").GetString()!;
        await (await olga.Delete($"api/files/{life.trashed}")).Expect(202);
        await (await olga.Delete($"api/files/{life.deleted}?permanent=true")).Expect(202);
        await olga.Until($"api/files/{life.deleted}/history", history => history.GetProperty("items").EnumerateArray()
            .Any(entry => entry.GetProperty("what").GetString() == "delete.purged.v1"));

        var paths = new List<string> { $"api/files/{plan}/content?version=1", $"api/files/{plan}/content", $"api/files/{pdf}/content", $"api/files/{life.picture}/content" };
        foreach (var variant in (await olga.Read($"api/files/{life.picture}")).GetProperty("variants").EnumerateArray())
            paths.Add($"api/files/{life.picture}/variants/{variant.GetProperty("name").GetString()}");
        foreach (var path in paths)
            life.contents.Add(path, await Sha256(olga, path));
        return life;
    }

    /// <summary>The digest of every view, once nothing is on its way any more.</summary>
    public static async Task<Dictionary<string, string?>> Digests(params string[] where) =>
        JsonDocument.Parse((await Run(0, ["projections", "rebuild", "--all", "--json", .. where])).Output)
            .RootElement.EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("liveDigest").GetString());

    public static async Task<(int ExitCode, string Output, string Error)> Run(int code, params string[] arguments)
    {
        var ended = await Server.Run(arguments);
        Assert.True(code == ended.ExitCode, $"{string.Join(' ', arguments)}: {ended}");
        return ended;
    }

    /// <summary>Everybody signs in and finds what was theirs, and nothing that was gone.</summary>
    public async Task IsAt(Uri server, params string[] where)
    {
        using var there = await Olga.SignInAt(server);
        foreach (var (path, sha256) in contents)
            Assert.Equal(sha256, await Sha256(there, path));
        await (await there.Get($"api/files/{deleted}/content")).Expect(404);
        await (await there.Get($"api/files/{trashed}/content")).Expect(404);
        Assert.Equal(trashed, Assert.Single((await there.Read("api/trash")).GetProperty("items").EnumerateArray()).Id());

        using var guest = await ravi.SignInAt(server);
        Assert.Equal(Samples.Picture, await guest.Http.GetByteArrayAsync($"api/files/{picture}/content", Cancel));
        using var anybody = new HttpClient { BaseAddress = server, DefaultRequestHeaders = { { "Link-Password", "open sesame" } } };
        Assert.Equal(Samples.Pdf, await anybody.GetByteArrayAsync($"api/links/{link}/content", Cancel));

        await Run(0, ["storage", "scrub", "--rate", "0", .. where]);
        await Run(0, ["storage", "reconcile", .. where]);
        await (await there.Post($"api/files/{trashed}/restore")).Expect(200);
        await there.Settled(await there.Keep("more.png", Samples.Transparent, "image/png"));
    }

    public void Dispose()
    {
        Olga.Dispose();
        ravi.Dispose();
    }

    private static async Task<string> Sha256(Person by, string path) =>
        Convert.ToHexStringLower(SHA256.HashData(await (await (await by.Get(path)).Expect(200)).Content.ReadAsByteArrayAsync(Cancel)));
}
