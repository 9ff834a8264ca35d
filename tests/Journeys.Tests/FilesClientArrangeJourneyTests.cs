using System.Globalization;
using System.IO.Compression;

namespace EventFiles.Journeys.Tests;

/// <summary>What the command line client does with what is at the server already.</summary>
public sealed class FilesClientArrangeJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_user_makes_folders_moves_renames_and_copies()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        client.Make("a.txt", "a"u8.ToArray());
        client.Make("b.txt", "b"u8.ToArray());

        Assert.Equal(4, (await client.Run("mkdir", "Projects/2026")).ExitCode);
        Assert.Equal(["/Projects/2026"], await Remotes(client, "mkdir", "-p", "Projects/2026"));
        Assert.Equal(5, (await client.Run("mkdir", "projects")).ExitCode);
        await client.Json("put", "a.txt", "b.txt", "Projects/2026");
        var file = (await client.Json("ls", "Projects/2026"))[0].Id();

        Assert.Equal(["/Projects/2026/c.txt"], await Remotes(client, "mv", "Projects/2026/a.txt", "Projects/2026/c.txt"));
        Assert.Equal(["/b.txt", "/c.txt"], await Remotes(client, "mv", "Projects/2026/b.txt", "Projects/2026/c.txt", "/"));
        Assert.Equal(file, (await client.Json("ls", "c.txt"))[0].Id());
        Assert.Equal(4, (await client.Run("mv", "b.txt", "c.txt", "nowhere")).ExitCode);
        Assert.Equal(5, (await client.Run("mv", "b.txt", "c.txt")).ExitCode);
        Assert.Equal(5, (await client.Run("mv", "Projects", "Projects/2026")).ExitCode);

        Assert.Equal(["/Projects/2026/c.txt"], await Remotes(client, "cp", "c.txt", "Projects/2026"));
        Assert.Equal(["/Archive"], await Remotes(client, "cp", "Projects", "Archive"));
        Assert.Equal(["2026"], (await client.Json("ls", "Archive")).Select(one => one.GetProperty("name").GetString()));
        Assert.Equal("a", (await client.Run("get", "Archive/2026/c.txt", "-o", "-", "-q")).Output);
        Assert.Equal(5, (await client.Run("cp", "c.txt", "Projects/2026")).ExitCode);
        // The same bytes take up space once.
        Assert.Equal((2, 0, 4), await olga.Quota());
    }

    [Fact]
    public async Task A_user_looks_at_former_versions_and_folders_and_takes_them_back()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        client.Make("plan.txt", "first"u8.ToArray());
        await client.Json("put", "plan.txt");
        var then = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        client.Make("plan.txt", "second one"u8.ToArray());
        await client.Json("put", "plan.txt", "--on-conflict", "version");

        await client.Json("versions", "plan.txt", "--label", "1", "--text", "As signed");
        var versions = await client.Json("versions", "plan.txt");
        Assert.Equal([2, 1], versions.Select(one => one.GetProperty("version").GetInt32()));
        Assert.Equal([10, 5], versions.Select(one => one.GetProperty("size").GetInt32()));
        Assert.Equal("As signed", versions[1].GetProperty("label").GetString());
        Assert.Equal("first", (await client.Run("get", "plan.txt", "--version", "1", "-o", "-", "-q")).Output);
        Assert.Equal(5, (await client.Run("get", "plan.txt", "--version", "1", "plan.txt")).ExitCode);

        Assert.Equal(3, Assert.Single(await client.Json("versions", "plan.txt", "--restore", "1")).GetProperty("version").GetInt32());
        Assert.Equal("first", (await client.Run("get", "plan.txt", "-o", "-", "-q")).Output);
        await client.Json("versions", "plan.txt", "--delete", "2");
        Assert.Equal([3, 1], (await client.Json("versions", "plan.txt")).Select(one => one.GetProperty("version").GetInt32()));
        Assert.Equal(5, (await client.Run("versions", "plan.txt", "--delete", "3")).ExitCode);
        Assert.Equal(4, (await client.Run("versions", "plan.txt", "--restore", "2")).ExitCode);

        await client.Json("mv", "plan.txt", "later.txt");
        var former = Assert.Single(await client.Json("ls", "--as-of", then));
        Assert.Equal(("plan.txt", 5, 1), (former.GetProperty("name").GetString(), former.GetProperty("size").GetInt32(), former.GetProperty("version").GetInt32()));
        Assert.Equal("later.txt", Assert.Single(await client.Json("ls")).GetProperty("name").GetString());
        Assert.NotEqual(0, (await client.Run("ls", "--as-of", "yesterday")).ExitCode);
    }

    [Fact]
    public async Task A_user_tags_and_takes_all_along_as_one_archive()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        client.Make("tax/2026.txt", Samples.Text);
        client.Make("Größe.txt", "ü"u8.ToArray());
        await client.Json("put", "-r", "tax", "Größe.txt", "--to", "/");

        var tagged = Assert.Single(await client.Json("tag", "tax/2026.txt", "--add", "tax", "--add", "due"));
        Assert.Equal(["due", "tax"], tagged.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).Order(StringComparer.Ordinal));
        await client.Json("tag", "tax", "--add", "TAX");
        Assert.Equal(["2026.txt", "tax"], (await client.Json("tag", "--with", "tax")).Select(one => one.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(["tax"], Assert.Single(await client.Json("tag", "tax/2026.txt", "--remove", "due")).GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal(4, (await client.Run("tag", "tax", "--remove", "nothing")).ExitCode);
        Assert.Equal(2, (await client.Run("tag", "--add", "tax")).ExitCode);

        var zipped = Assert.Single(await client.Json("zip", "tax", "Größe.txt", "-o", "all.zip"));
        await using (var zip = await ZipFile.OpenReadAsync(client.At("all.zip"), TestContext.Current.CancellationToken))
            Assert.Equal(["Größe.txt", "tax/", "tax/2026.txt"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(new FileInfo(client.At("all.zip")).Length, zipped.GetProperty("size").GetInt64());
        Assert.Equal(5, (await client.Run("zip", "tax", "-o", "all.zip")).ExitCode);
        Assert.Equal(0, (await client.Run("zip", "tax", "-o", "all.zip", "--force")).ExitCode);
    }

    [Fact]
    public async Task A_user_lists_in_another_order_and_gets_back_what_was_thrown_away_or_rid_of_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        client.Make("a.txt", "1"u8.ToArray());
        client.Make("b.txt", "333"u8.ToArray());
        client.Make("tax/c.txt", "22"u8.ToArray());
        await client.Json("put", "-r", "a.txt", "b.txt", "tax", "--to", "/");
        Assert.Equal(["tax", "b.txt", "a.txt"], await Names("ls", "--sort=-size"));
        Assert.NotEqual(0, (await client.Run("ls", "--sort", "beauty")).ExitCode);

        await client.Json("rm", "-r", "a.txt", "b.txt", "tax");
        Assert.Equal(["a.txt", "b.txt", "tax"], (await Names("trash")).Order(StringComparer.Ordinal));
        Assert.Equal(2, (await client.Run("trash", "--restore", "tax", "--empty")).ExitCode);
        Assert.Equal(4, (await client.Run("trash", "--restore", "d.txt")).ExitCode);
        Assert.Equal(["tax"], await Names("trash", "--restore", "TAX"));
        Assert.Equal("22", (await client.Run("get", "tax/c.txt", "-o", "-", "-q")).Output);

        await client.Json("put", "a.txt");
        await client.Json("rm", "a.txt");
        Assert.Equal(5, (await client.Run("trash", "--restore", "a.txt")).ExitCode);
        var one = (await client.Json("trash")).First(entry => entry.GetProperty("name").GetString() == "a.txt").Id();
        Assert.Equal(["a.txt"], await Names("trash", "--restore", $"id:{one}"));

        Assert.Equal(2, (await client.Run("trash", "--empty")).ExitCode);
        Assert.Equal(2, Assert.Single(await client.Json("trash", "--empty", "--yes")).GetProperty("files").GetInt32());
        // That is work, and may not have been done yet.
        await Drill.Until(async () => (await client.Json("trash")).Count == 0);

        async Task<string[]> Names(params string[] arguments) =>
            [.. (await client.Json(arguments)).Select(entry => entry.GetProperty("name").GetString()!)];
    }

    private static async Task<string[]> Remotes(FilesClient client, params string[] arguments) =>
        [.. (await client.Json(arguments)).Select(one => one.GetProperty("remote").GetString()!)];
}
