using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace EventFiles.Journeys.Tests;

public class ZipJourneyTests(ServerFixture fixture) : IDisposable
{
    private static readonly string[] Names =
        ["Größe.txt", "履歴書.txt", "رسالة.txt", "Отчёт.txt", "हिन्दी.txt", "😀.txt", "cafe\u0301.txt", "with space & 'quote'.txt", "C:evil.txt"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eventfiles-zip-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_folder_comes_out_of_every_tool_with_its_names_and_bytes()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Ärger", null);
        var inner = await Folder(olga, "Inner", top);
        await Folder(olga, "Empty", top);
        foreach (var name in Names)
            await (await olga.Upload(name, System.Text.Encoding.UTF8.GetBytes(name), null, ("folderId", $"{top}"))).Expect(202);
        var large = RandomNumberGenerator.GetBytes(3_000_000);
        await (await olga.Upload("large.bin", large, null, ("folderId", $"{inner}"))).Expect(202);

        var zip = Path.Combine(folder.FullName, "a.zip");
        using (var reply = await (await olga.Get($"api/folders/{top}/archive")).Expect(200))
        {
            Assert.Equal("application/zip", reply.Content.Headers.ContentType?.MediaType);
            Assert.Equal("Ärger.zip", reply.Content.Headers.ContentDisposition?.FileNameStar);
            Assert.Contains("bytes", reply.Headers.AcceptRanges);
            await System.IO.File.WriteAllBytesAsync(zip, await reply.Content.ReadAsByteArrayAsync(Cancel), Cancel);
        }

        string[] paths = ["Ärger/Inner/large.bin", .. Names.Select(name => $"Ärger/{name.Replace(':', '_')}")];
        foreach (var (tool, arguments) in new[]
                 {
                     ("python3", new[] { "-c", "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])", zip, "{to}" }),
                     ("unzip", ["-q", zip, "-d", "{to}"]),
                     ("7zz", ["x", "-bso0", "-bsp0", "-o{to}", zip]),
                     // Read from a pipe, it sees the entries as they come and the directory never.
                     ("sh", ["-c", "cat \"$0\" | bsdtar -x -f - -C \"$1\"", zip, "{to}"]),
                 })
        {
            var to = folder.CreateSubdirectory(tool).FullName;
            Assert.Equal("", await Run(tool, [.. arguments.Select(argument => argument.Replace("{to}", to, StringComparison.Ordinal))]));
            Assert.Equal(
                // libarchive composes names, whatever stands in an archive.
                paths.Append("Ärger/Empty").Select(path => tool == "sh" ? path.Normalize() : path).Order(StringComparer.Ordinal),
                Directory.EnumerateFileSystemEntries(to, "*", SearchOption.AllDirectories)
                    .Where(entry => System.IO.File.Exists(entry) || !Directory.EnumerateFileSystemEntries(entry).Any())
                    .Select(entry => Path.GetRelativePath(to, entry)).Order(StringComparer.Ordinal));
            Assert.Equal(large, await System.IO.File.ReadAllBytesAsync(Path.Combine(to, "Ärger/Inner/large.bin"), Cancel));
            Assert.Equal("履歴書.txt", await System.IO.File.ReadAllTextAsync(Path.Combine(to, "Ärger/履歴書.txt"), Cancel));
        }
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_and_one_that_changed_begins_anew()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        for (var number = 0; number < 5; number++)
            await (await olga.Upload($"{number}.bin", RandomNumberGenerator.GetBytes(200_000), null, ("folderId", $"{top}"))).Expect(202);
        var path = $"api/folders/{top}/archive";
        using var first = await (await olga.Get(path)).Expect(200);
        var whole = await first.Content.ReadAsByteArrayAsync(Cancel);

        using var rest = await (await Part(olga, path, 450_000, first.Headers.ETag!)).Expect(206);
        Assert.Equal(whole[450_000..], await rest.Content.ReadAsByteArrayAsync(Cancel));
        using var end = await (await Part(olga, path, whole.Length - 300, first.Headers.ETag!)).Expect(206);
        Assert.Equal(whole[^300..], await end.Content.ReadAsByteArrayAsync(Cancel));
        await (await Part(olga, path, whole.Length, first.Headers.ETag!)).Problem(416, "status-416");

        await (await olga.Upload("5.bin", new byte[10], null, ("folderId", $"{top}"))).Expect(202);
        using var anew = await (await Part(olga, path, 450_000, first.Headers.ETag!)).Expect(200);
        Assert.NotEqual(first.Headers.ETag, anew.Headers.ETag);
        Assert.True((await anew.Content.ReadAsByteArrayAsync(Cancel)).Length > whole.Length);
    }

    [Fact]
    public async Task A_selection_holds_what_its_owner_may_read_and_nobody_else_gets_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var top = await Folder(olga, "a.txt", null);
        await (await olga.Upload("in.txt", Samples.Text, null, ("folderId", $"{top}"))).Expect(202);
        var shared = (await (await ravi.Upload("A.TXT", Samples.Text)).Expect(202).Json()).GetProperty("file").Id();
        var foreign = await ravi.Keep("b.txt", Samples.Text);
        var share = (await (await ravi.Post($"api/files/{shared}/shares", new { grantee = olga.Email, role = "viewer" })).Expect(201).Json()).Id();

        await (await olga.Post("api/archives", new { items = new[] { File(foreign) } })).Problem(404, "files.not-found");
        await (await olga.Post("api/archives", new { items = Array.Empty<object>() })).Problem(422, "validation");
        var made = await (await olga.Post("api/archives", new { items = new[] { Dir(top), File(shared) } })).Expect(201).Json();

        var zip = await Entries(olga, $"api/archives/{made.Id()}");
        Assert.Equal(["A (1).TXT", "a.txt/", "a.txt/in.txt"], zip.Order(StringComparer.Ordinal));
        Assert.Equal(made.GetProperty("entries").GetInt32(), zip.Length);
        await (await ravi.Get($"api/archives/{made.Id()}")).Problem(404, "zip.not-found");
        await (await ravi.Get($"api/folders/{top}/archive")).Problem(404, "folders.not-found");

        await (await ravi.Delete($"api/shares/{share}")).Expect(204);
        Assert.Equal(["a.txt/", "a.txt/in.txt"], await Entries(olga, $"api/archives/{made.Id()}"));
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_read_ends_the_download_with_an_error()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        await (await olga.Upload("a.bin", new byte[8 << 20], null, ("folderId", $"{top}"))).Expect(202);
        await (await olga.Upload("b.bin", new byte[64 << 20], null, ("folderId", $"{top}"))).Expect(202);
        var last = (await (await olga.Upload("c.bin", new byte[10], null, ("folderId", $"{top}"))).Expect(202).Json()).GetProperty("file").Id();

        using var reply = await olga.Http.GetAsync($"api/folders/{top}/archive", HttpCompletionOption.ResponseHeadersRead, Cancel);
        await (await olga.Delete($"api/files/{last}")).Expect(202);

        await Assert.ThrowsAnyAsync<Exception>(() => reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task A_folder_that_is_shared_comes_out_for_whoever_may_read_it_and_as_long_as_they_may()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        using var uma = await Person.Register(fixture.Server.Address, "Uma");
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        await (await olga.Upload("a.txt", Samples.Text, null, ("folderId", $"{inner}"))).Expect(202);
        var gone = (await (await olga.Upload("b.txt", Samples.Text, null, ("folderId", $"{inner}"))).Expect(202).Json()).GetProperty("file").Id();
        var share = (await olga.Post($"api/folders/{top}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201).Json()).Id();
        await olga.Post($"api/folders/{top}/shares", new { grantee = uma.Email, role = "uploader" }).Expect(201);
        await (await olga.Delete($"api/files/{gone}")).Expect(202);

        Assert.Equal(["Top/", "Top/Inner/", "Top/Inner/a.txt"], await Entries(ravi, $"api/folders/{top}/archive"));
        Assert.Equal(["Inner/", "Inner/a.txt"], await Entries(ravi, $"api/folders/{inner}/archive"));
        var made = await (await ravi.Post("api/archives", new { items = new[] { Dir(inner) } })).Expect(201).Json();
        Assert.Equal(["Inner/", "Inner/a.txt"], await Entries(ravi, $"api/archives/{made.Id()}"));
        // Who may only bring something sees nothing of what is there.
        await (await uma.Get($"api/folders/{top}/archive")).Problem(403, "folders.not-allowed");
        await (await uma.Post("api/archives", new { items = new[] { Dir(inner) } })).Problem(403, "folders.not-allowed");

        await (await olga.Delete($"api/shares/{share}")).Expect(204);
        await (await ravi.Get($"api/folders/{top}/archive")).Problem(404, "folders.not-found");
        Assert.Empty(await Entries(ravi, $"api/archives/{made.Id()}"));
    }

    private static object File(Guid id) => new { kind = "file", id };

    private static object Dir(Guid id) => new { kind = "folder", id };

    private static async Task<HttpResponseMessage> Part(Person by, string path, long from, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new RangeHeaderValue(from, null);
        request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        return await by.Http.SendAsync(request, Cancel);
    }

    private static async Task<string[]> Entries(Person by, string path)
    {
        await using var content = await (await (await by.Get(path)).Expect(200)).Content.ReadAsStreamAsync(Cancel);
        await using var zip = await System.IO.Compression.ZipArchive.CreateAsync(
            content, System.IO.Compression.ZipArchiveMode.Read, false, null, Cancel);
        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    private static async Task<Guid> Folder(Person by, string name, Guid? parent) =>
        (await (await by.Post("api/folders", new { name, parentId = parent })).Expect(201).Json()).Id();

    /// <summary>What a tool says, which should be nothing.</summary>
    private static async Task<string> Run(string tool, string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var said = await process.StandardError.ReadToEndAsync(Cancel) + await output;
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0 ? said : $"{tool} exits with {process.ExitCode}: {said}";
    }
}
