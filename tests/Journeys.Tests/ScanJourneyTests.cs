using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EventFiles.Infrastructure.Tests;

namespace EventFiles.Journeys.Tests;

/// <summary>The real program with a real clamd.</summary>
public sealed class ScanJourneyTests
{
    private static readonly byte[] Bad = Encoding.ASCII.GetBytes($"A letter with {ClamAvServer.Marker} in it.");

    [Fact]
    public async Task What_is_not_scanned_is_its_owners_alone_and_what_is_infected_is_nobodys()
    {
        await using var clamd = await ClamAvServer.Start();
        await using var server = await Server.Start(
            null, ("CLAMAV_URL", clamd.Url), ("SCAN_POLICY", "require"), ("Scan__Every", "00:00:00.2"));
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");

        // Before the verdict.
        await clamd.Kill();
        var (text, picture) = (await olga.Keep("a.txt", Samples.Text), await olga.Keep("a.jpg", Samples.Picture, "image/jpeg"));
        await (await olga.Post($"api/files/{text}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);
        var link = $"api/links/{(await (await olga.Post($"api/files/{text}/links")).Expect(201).Json()).GetProperty("token").GetString()}";
        await (await ravi.Get($"api/files/{text}")).Expect(200);
        await (await ravi.Get($"api/files/{text}/content")).Problem(409, "scan.not-yet");
        await (await ravi.Post($"api/files/{text}/copy")).Problem(409, "scan.not-yet");
        await (await ravi.Post("api/archives", new { items = new[] { new { kind = "file", id = text } } })).Problem(409, "scan.not-yet");
        await (await ravi.Get($"{link}/content")).Problem(409, "scan.not-yet");
        // Nor does search tell a word of it.
        var word = $"api/search?q={Uri.EscapeDataString(Encoding.UTF8.GetString(Samples.Text).Split(' ', 2)[0])}";
        await olga.Until(word, found => found.GetProperty("items").GetArrayLength() == 1);
        Assert.Empty((await ravi.Read(word)).GetProperty("items").EnumerateArray());
        await (await olga.Get($"api/files/{text}/content")).Expect(200);
        Assert.Equal("notScanned", (await olga.Read($"api/files/{text}")).GetProperty("scan").GetString());
        await olga.Until("health/ready", seen => seen.GetProperty("checks").GetProperty("scanner").GetString() == "out of reach");
        var waiting = await olga.Read($"api/files/{picture}/status");
        Assert.Equal("processing", waiting.GetProperty("status").GetString());
        Assert.Equal(
            [("scan", "queued"), ("inspect", "queued"), ("renditions", "queued"), ("index", "succeeded")],
            waiting.GetProperty("stages").EnumerateArray().Select(stage => (stage.GetProperty("stage").GetString(), stage.GetProperty("status").GetString())));

        // After it.
        await clamd.Restart();
        await Scanned(olga, text, "clean");
        await (await ravi.Get($"api/files/{text}/content")).Expect(200);
        await (await ravi.Get($"{link}/content")).Expect(200);
        Assert.Single((await ravi.Read(word)).GetProperty("items").EnumerateArray());
        Assert.Equal("ready", (await olga.Settled(picture)).GetProperty("status").GetString());

        // Infected, and the same bytes again.
        var bad = await olga.Keep("bad.txt", Bad);
        await Scanned(olga, bad, "infected");
        var status = await olga.Read($"api/files/{bad}/status");
        Assert.Equal("infected", status.GetProperty("status").GetString());
        Assert.Equal("infected: Local.marker.UNOFFICIAL", status.GetProperty("error").GetString());
        Assert.Equal("failed", status.GetProperty("stages")[0].GetProperty("status").GetString());
        var again = await olga.Keep("again.txt", Bad);
        await Scanned(olga, again, "infected");
        await (await olga.Get($"api/files/{bad}/content")).Problem(403, "scan.infected");
        await (await olga.Post($"api/files/{bad}/shares", new { grantee = ravi.Email, role = "viewer" })).Problem(403, "scan.infected");
        await (await olga.Post($"api/files/{bad}/links")).Problem(403, "scan.infected");
        await (await olga.Post($"api/files/{bad}/copy")).Problem(403, "scan.infected");
        await (await olga.Post("api/archives", new { items = new[] { new { kind = "file", id = bad } } })).Problem(403, "scan.infected");
        await using (var zip = new ZipArchive(await (await olga.Get($"api/folders/{olga.Id}/archive")).Expect(200).Content(), ZipArchiveMode.Read))
            Assert.Equal(["a.jpg", "a.txt"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        var badPicture = await olga.Keep("bad.jpg", [.. Samples.Picture, .. Bad], "image/jpeg");
        await Scanned(olga, badPicture, "infected");
        Assert.Empty((await olga.Read($"api/files/{badPicture}")).GetProperty("variants").EnumerateArray());

        // Who may do what about it.
        await (await olga.Get("api/admin/scans")).Problem(403, "scan.administrators-only");
        await (await olga.Post($"api/admin/files/{bad}/release", new { version = 1, reason = "Mine" })).Problem(403, "scan.administrators-only");
        Assert.Equal(
            [badPicture, again, bad],
            (await ada.Read("api/admin/scans?verdict=infected")).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("fileId").GetGuid()));
        await (await ada.Get("api/admin/scans?verdict=clean")).Problem(422, "validation");
        await (await ada.Post($"api/admin/files/{bad}/release", new { version = 2, reason = "No" })).Problem(404, "scan.no-such-version");
        await (await ada.Post($"api/admin/files/{text}/release", new { version = 1, reason = "No" })).Problem(409, "scan.nothing-to-release");
        await (await ada.Post($"api/admin/files/{bad}/release", new { version = 1, reason = "A test file of ours" })).Expect(200);
        await Scanned(olga, bad, "released");
        await (await olga.Get($"api/files/{bad}/content")).Expect(200);
        await (await olga.Get($"api/files/{again}/content")).Problem(403, "scan.infected");
        await (await olga.Delete($"api/files/{again}?permanent=true")).Expect(202);

        // What was not made because of a mistaken scanner is made after all.
        var mistaken = await olga.Keep("mistaken.jpg", [.. Samples.Picture, 10, .. Bad], "image/jpeg");
        await Scanned(olga, mistaken, "infected");
        await (await ada.Post($"api/admin/files/{mistaken}/release", new { version = 1, reason = "A test file of ours" })).Expect(200);
        await olga.Until($"api/files/{mistaken}/status", seen => seen.GetProperty("status").GetString() == "ready");
        await (await olga.Get($"api/files/{mistaken}/variants/thumbnail")).Expect(200);

        // What it cannot look at.
        var large = await olga.Keep("large.bin", new byte[ClamAvServer.LargestBytes + 1]);
        await (await olga.Post($"api/files/{large}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);
        await Scanned(olga, large, "unscannable");
        await (await ravi.Get($"api/files/{large}/content")).Problem(403, "scan.unscannable");
        await (await olga.Get($"api/files/{large}/content")).Expect(200);

        // What it learns later.
        var later = await olga.Keep("later.txt", Encoding.ASCII.GetBytes(ClamAvServer.LaterMarker));
        await Scanned(olga, later, "clean");
        await (await olga.Post($"api/files/{later}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);
        var laterLink = $"api/links/{(await (await olga.Post($"api/files/{later}/links")).Expect(201).Json()).GetProperty("token").GetString()}";
        await (await ravi.Get($"api/files/{later}/content")).Expect(200);
        await clamd.Learn();
        await (await ada.Post("api/admin/scanner/rescan", new { onlyOlder = false })).Expect(202);
        await Scanned(olga, later, "infected");
        await (await ravi.Get($"api/files/{later}/content")).Problem(403, "scan.infected");
        await (await ravi.Get($"{laterLink}/content")).Problem(403, "share.file-infected");
        Assert.Equal("released", (await olga.Read($"api/files/{bad}")).GetProperty("scan").GetString());

        // What an operator is told.
        var scanner = await ada.Read("api/admin/scanner");
        Assert.True(scanner.GetProperty("isAnswering").GetBoolean());
        Assert.StartsWith("ClamAV ", scanner.GetProperty("signatures").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await Server.Run("scan", "rescan", "--older-than-signatures", "--data", server.Data)).ExitCode);
        var (code, output, _) = await server.RunHere("scan", "status", "--json", "--data", server.Data);
        Assert.Equal(1, code);
        var told = JsonDocument.Parse(output).RootElement;
        Assert.Equal(2, told.GetProperty("versions").GetProperty("infected").GetInt32());
        Assert.Equal(0, told.GetProperty("versions").GetProperty("notScanned").GetInt32());
        Assert.DoesNotContain(Encoding.ASCII.GetString(Bad), server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_scanner_does_not_look_at_in_time_is_not_said_to_be_under_way_and_goes_on_when_it_is_back()
    {
        await using var clamd = await ClamAvServer.Start();
        await using var server = await Server.Start(
            null, ("CLAMAV_URL", clamd.Url), ("SCAN_POLICY", "require"), ("Scan__Every", "00:00:00.2"), ("Scan__Within", "00:00:01"));
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        await clamd.Kill();
        var (picture, text) = (await olga.Keep("a.jpg", Samples.Picture, "image/jpeg"), await olga.Keep("a.txt", Samples.Text));
        await (await olga.Post($"api/files/{text}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);

        // Its owner is told, and so is whoever runs the server; it is open to nobody else all the same.
        var late = await olga.Until($"api/files/{picture}/status", seen => seen.GetProperty("status").GetString() == "failed");
        Assert.StartsWith("waiting-for-scanner: ", late.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            [("scan", "delayed"), ("inspect", "delayed"), ("renditions", "delayed"), ("index", "succeeded")],
            late.GetProperty("stages").EnumerateArray().Select(stage => (stage.GetProperty("stage").GetString(), stage.GetProperty("status").GetString())));
        await olga.Until($"api/files/{text}/status", seen => seen.GetProperty("stages")[0].GetProperty("status").GetString() == "delayed");
        await olga.Until("api/folders/root/children", seen => seen.GetProperty("items").EnumerateArray().Single(one => one.Id() == picture).GetProperty("status").GetString() == "failed");
        Assert.Equal("notScanned", (await olga.Read($"api/files/{picture}")).GetProperty("scan").GetString());
        await (await ravi.Get($"api/files/{text}/content")).Problem(409, "scan.not-yet");
        Assert.Equal(JsonValueKind.String, (await ada.Read("api/admin/scanner")).GetProperty("overdueSince").ValueKind);
        var (_, output, _) = await server.RunHere("scan", "status", "--json", "--data", server.Data);
        Assert.Equal(2, JsonDocument.Parse(output).RootElement.GetProperty("overdue").GetInt32());

        // Nobody does anything, and it goes on.
        await clamd.Restart();
        Assert.Equal("ready", (await olga.Until($"api/files/{picture}/status", seen => seen.GetProperty("status").GetString() == "ready")).GetProperty("status").GetString());
        await (await olga.Get($"api/files/{picture}/variants/thumbnail")).Expect(200);
        await Scanned(olga, text, "clean");
        await (await ravi.Get($"api/files/{text}/content")).Expect(200);
        Assert.Equal(JsonValueKind.Null, (await ada.Read("api/admin/scanner")).GetProperty("overdueSince").ValueKind);
        // It was told once of each.
        await using var database = Npgsql.NpgsqlDataSource.Create(await server.ConnectionString());
        await using var told = database.CreateCommand("select count(*) from mt_events where type = 'scan.overdue.v1'");
        Assert.Equal(2L, await told.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Killed_between_verdict_and_record_it_is_looked_at_again_and_the_verdict_stands_once()
    {
        Assert.True(File.Exists(Server.ArmedDll), "Build it first: eng/test does.");
        var orders = Path.Combine(Path.GetTempPath(), $"eventfiles-kill-{Guid.NewGuid():n}");
        await using var clamd = await ClamAvServer.Start();
        await using var server = await Server.StartArmed(
            "/dev/null", "all",
            ("CLAMAV_URL", clamd.Url), ("SCAN_POLICY", "require"), ("Scan__Every", "00:00:00.2"), ("KILL_POINT_FILE", orders));
        using var olga = await Person.Register(server.Address, "Olga");
        await File.WriteAllTextAsync(orders, "scan.verdict-unrecorded 1", TestContext.Current.CancellationToken);

        var bad = olga.Keep("bad.txt", Bad);
        await server.Ended();
        await server.Restart();

        // Whether or not its answer was heard: the file is there, for it was stored before anybody looked at it.
        await Task.WhenAny(bad);
        var file = (await olga.Read("api/folders/root/children")).GetProperty("items")[0].Id();
        await Scanned(olga, file, "infected");
        await (await olga.Get($"api/files/{file}/content")).Problem(403, "scan.infected");
        await using var database = Npgsql.NpgsqlDataSource.Create(await server.ConnectionString());
        await using var found = database.CreateCommand("select count(*) from mt_events where type = 'scan.found.v1'");
        Assert.Equal(1L, await found.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        File.Delete(orders + ".reached");
    }

    private static Task<JsonElement> Scanned(Person by, Guid file, string verdict) =>
        by.Until($"api/files/{file}", seen => seen.GetProperty("scan").GetString() == verdict);
}

internal static class ScanReplies
{
    public static async Task<Stream> Content(this Task<HttpResponseMessage> reply) => await (await reply).Content.ReadAsStreamAsync();
}
