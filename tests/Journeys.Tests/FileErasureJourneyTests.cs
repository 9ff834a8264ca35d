using System.Text;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>The drill for one file: it is erased, and looked for in every place, while those beside it stay as they are.</summary>
public sealed class FileErasureJourneyTests
{
    private static readonly (string, string)[] Hurried = [("Erasure__SettleAfter", "00:00:00"), ("Erasure__Every", "00:00:01"), ("Erasure__RebuildEvery", "00:00:00")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_is_erased_is_found_nowhere_its_siblings_stay_and_no_backup_from_before_brings_it_back()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-erasure-").FullName;
        var (data, backup, restored) = (Path.Combine(folder, "data"), Path.Combine(folder, "backup"), Path.Combine(folder, "restored"));
        try
        {
            MarkedFile file;
            Person olga, ravi;
            await using (var server = await Server.Start(data, Hurried))
            {
                using (await Person.Register(server.Address, "Ada"))
                    olga = await Person.Register(server.Address, "Olga");
                ravi = await Person.Register(server.Address, "Ravi");
                file = await MarkedFile.Live(olga, ravi);
                Assert.Equal(0, (await server.RunHere("backup", backup, "--data", data)).ExitCode);
                await file.Erase(olga);
                // In the middle of it.
                await server.Kill();
            }

            await using (var server = await Server.Start(data, Hurried))
            {
                using var owner = olga.At(server.Address);
                using var friend = ravi.At(server.Address);
                var text = await file.Receipt(server.Address, "A");
                await Drill.AssertProven(server.Address, text);
                await file.CannotComeBack(owner, friend);
                await file.SiblingsAreWhole(owner);
                await using (var database = NpgsqlDataSource.Create(await server.ConnectionString()))
                {
                    await Drill.AssertTablesTellNothing(database, [.. file.Canaries]);
                    // The others' values stand beside the log as they did.
                    Assert.NotEqual(0, await Drill.Count(database, $"select count(*) from eventfiles.event_private where tenant_id = '{olga.Id}'"));
                }

                var verified = await server.RunHere("log", "verify", "--json", "--data", data);
                Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
                Assert.NotEqual(0, JsonDocument.Parse(verified.Output).RootElement.GetProperty("erasedRows").GetInt64());
                Assert.All(file.Canaries, canary => Assert.DoesNotContain(canary, server.Log, StringComparison.Ordinal));
                Assert.Equal(0, (await server.RunHere("keys", "rotate", "--data", data)).ExitCode);
                await Drill.AssertProven(server.Address, await file.Receipt(server.Address, "B"));
                await file.SiblingsAreWhole(owner);
                await owner.Post($"api/files/{file.Id}/erasure", new { ground = "objection" }).Problem(409, "erasure.under-way");
                Assert.Equal(0, await server.Stop());
            }

            Assert.All(file.Sealed, canary => Assert.Empty(Drill.FilesWith(Path.Combine(data, "postgres"), [canary])));
            Assert.Empty(Drill.FilesWith(Path.Combine(data, "objects"), [.. file.Canaries]));

            // From before the erasure, with today's keys and their journal.
            Directory.CreateDirectory(restored);
            Drill.CopyFolder(Path.Combine(data, "era-keys"), Path.Combine(restored, "era-keys"));
            var back = await Server.RunWith(Hurried, "restore", backup, "--data", restored);
            Assert.True(back.ExitCode == 0, back.Error);
            // The one original that the twin has too.
            Assert.Single(Directory.GetFiles(Path.Combine(restored, "objects"), "*", SearchOption.AllDirectories), name => name.Contains($"{file.Id}", StringComparison.Ordinal));
            await using (var server = await Server.Start(restored, Hurried))
            {
                using var owner = await olga.SignInAt(server.Address);
                using var friend = await ravi.SignInAt(server.Address);
                await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
                await Drill.Until(async () => await Drill.Count(database, "select count(*) from mt_events where type = 'erasure.verified.v1'") == 1);
                await Drill.AssertTablesTellNothing(database, [.. file.Canaries]);
                await file.CannotComeBack(owner, friend);
                await file.SiblingsAreWhole(owner);
                // Who had asked for it then, no restored log knows.
                Assert.Equal("journal", await AskedBy(owner, database));
                Assert.Equal(0, await server.Stop());
            }

            Assert.Empty(Drill.FilesWith(Path.Combine(restored, "objects"), [.. file.Canaries]));
            Assert.All(file.Sealed, canary => Assert.Empty(Drill.FilesWith(Path.Combine(restored, "postgres"), [canary])));
            olga.Dispose();
            ravi.Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_hold_keeps_a_file_from_its_erasure_in_time_it_is_cancelled_and_what_was_deleted_before_is_erased_too()
    {
        await using var server = await Server.Start(null, Hurried);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var file = await olga.Keep("evidence.txt", "evidence"u8.ToArray(), "text/plain");
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" }).Expect(201);

        await ravi.Post($"api/files/{file}/erasure", new { ground = "objection" }).Problem(403, "files.not-allowed");
        await olga.Post($"api/files/{Guid.NewGuid()}/erasure", new { ground = "objection" }).Problem(404, "files.not-found");
        await ada.Post($"api/files/{Guid.NewGuid()}/erasure", new { ground = "objection" }).Problem(404, "files.not-found");
        var asked = (await olga.Post($"api/files/{file}/erasure", new { ground = "objection" }).Expect(202).Json()).GetProperty("erasure");
        Assert.Equal(("owner", file), (asked.GetProperty("requestedBy").GetString(), asked.GetProperty("file").GetGuid()));
        Assert.True(asked.GetProperty("beginsAt").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddHours(23));
        await ravi.Get($"api/erasures/{asked.Id()}").Problem(404, "erasure.no-such-erasure");
        Assert.Equal("cancelled", (await olga.Delete($"api/erasures/{asked.Id()}").Expect(200).Json()).GetProperty("status").GetString());
        Assert.Equal("evidence", Encoding.UTF8.GetString(await olga.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel)));

        await ada.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        var hold = (await ada.Post("api/holds", new { kind = "file", targetId = file, reason = "Case 1" }).Expect(201).Json()).Id();
        var second = (await ada.Post($"api/files/{file}/erasure", new { ground = "legalObligation", immediately = true }).Expect(202).Json())
            .GetProperty("erasure");
        Assert.Equal("administrator", second.GetProperty("requestedBy").GetString());
        var waits = await olga.Until($"api/erasures/{second.Id()}", view => view.GetProperty("status").GetString() == "held");
        Assert.Equal(1, waits.GetProperty("heldFiles").GetInt32());
        Assert.Equal("evidence", Encoding.UTF8.GetString(await olga.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel)));
        await ada.Post($"api/holds/{hold}/lift", new { reason = "Closed" }).Expect(200);
        await olga.Until($"api/erasures/{second.Id()}", view => view.GetProperty("status").GetString() == "erased");
        await olga.Delete($"api/erasures/{second.Id()}").Problem(410, "erasure.too-late");

        // Deleted for good, and what is told of it is there still: until it is erased.
        var gone = await olga.Keep("remembered.txt", "nothing"u8.ToArray(), "text/plain");
        await olga.Delete($"api/files/{gone}?permanent=true").Expect(202);
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        string rows = $"select count(*) from eventfiles.event_private p join mt_events e using (seq_id) where e.stream_id = 'upload-{gone}'";
        Assert.NotEqual(0, await Drill.Count(database, rows));
        var third = (await olga.Post($"api/files/{gone}/erasure", new { ground = "noLongerNeeded", immediately = true }).Expect(202).Json())
            .GetProperty("erasure").Id();
        await olga.Until($"api/erasures/{third}", view => view.GetProperty("status").GetString() == "erased");
        Assert.Equal(0, await Drill.Count(database, rows));
    }

    [Fact]
    public async Task What_was_begun_for_a_file_ends_with_it_and_what_became_another_file_is_that_ones()
    {
        await using var server = await Server.Start(null, Hurried);
        using var olga = await Person.Register(server.Address, "Olga");
        var bytes = Encoding.UTF8.GetBytes($"what was brought {Guid.NewGuid():n}");

        // Begun for the first, which lay in the trash when the bytes came: they are another file.
        var first = await olga.Keep("plan.txt", "the first"u8.ToArray(), "text/plain");
        var (moved, stopped) = (await Begun(olga, bytes.Length, "plan.txt"), await Begun(olga, 100, "plan.txt"));
        await olga.Delete($"api/files/{first}").Expect(202);
        await (await Tus.Patch(olga, moved, 0, bytes)).Expect(204);
        var second = (await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == "plan.txt").Id();
        await olga.Settled(second);
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        string Rows(Uri upload) =>
            $"select count(*) from eventfiles.event_private p join mt_events e using (seq_id) where e.type = 'upload.begun.v1' and e.stream_id = 'upload-{first}' "
            + $"and e.data ->> 'upload' {(upload == moved ? "in" : "not in")} (select data ->> 'upload' from mt_events where type = 'upload.redirected.v1')";
        Assert.Equal(1, await Drill.Count(database, Rows(moved)));

        await Erased(olga, first);
        Assert.Contains((int)(await Tus.Send(olga, HttpMethod.Head, stopped)).StatusCode, new[] { 404, 410 });
        Assert.Equal((1, 0), (await Drill.Count(database, Rows(moved)), await Drill.Count(database, Rows(stopped))));
        Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{second}/content", Cancel));
        Assert.Equal("plan.txt", (await olga.Read($"api/files/{second}")).GetProperty("name").GetString());

        // What is told of its bytes where they were begun goes with it.
        await Erased(olga, second);
        Assert.Equal(0, await Drill.Count(database, Rows(moved)));
    }

    private static async Task<string?> AskedBy(Person owner, NpgsqlDataSource database)
    {
        await using var asks = database.CreateCommand("select data ->> 'erasure' from mt_events where type = 'erasure.file-requested.v1'");
        return (await owner.Read($"api/erasures/{await asks.ExecuteScalarAsync(Cancel)}")).GetProperty("requestedBy").GetString();
    }

    private static async Task<Uri> Begun(Person olga, int length, string name)
    {
        var meant = $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))},onConflict {Convert.ToBase64String("newVersion"u8)}";
        var made = await Tus.Send(
            olga, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), ("Upload-Length", $"{length}"), ("Upload-Metadata", meant));
        return (await made.Expect(201)).Headers.Location!;
    }

    private static async Task Erased(Person olga, Guid file)
    {
        var erasure = (await olga.Post($"api/files/{file}/erasure", new { ground = "noLongerNeeded", immediately = true }).Expect(202).Json())
            .GetProperty("erasure").Id();
        await olga.Until($"api/erasures/{erasure}", view => view.GetProperty("status").GetString() == "erased");
    }

    /// <summary>A file with a canary in every field that is its own, and two beside it.</summary>
    internal sealed class MarkedFile
    {
        private readonly string mark = $"canary{Guid.NewGuid():n}";
        private readonly byte[] shared = Encoding.UTF8.GetBytes($"what two files have {Guid.NewGuid():n}");
        private Guid erasure, sibling, twin;
        private string token = "", link = "";

        public Guid Id { get; private set; }

        /// <summary>What only private rows and hashes hold: names that are unique somewhere stand in claims too, and text is searched in.</summary>
        public IEnumerable<string> Sealed => [$"{mark}label", $"{mark}offered"];

        public IEnumerable<string> Canaries => [.. Sealed, $"{mark}content", $"{mark}first", $"{mark}renamed", $"{mark}searched"];

        public static async Task<MarkedFile> Live(Person olga, Person friend)
        {
            var one = new MarkedFile();
            one.sibling = await olga.Keep("sibling.txt", "the sibling's own"u8.ToArray(), "text/plain");
            one.Id = (await olga.Upload($"{one.mark}first.txt", one.shared, "text/plain").Expect(202).Json()).GetProperty("file").Id();
            one.twin = await olga.Keep("twin.txt", one.shared, "text/plain");
            await olga.Upload($"{one.mark}first.txt", Encoding.UTF8.GetBytes($"\0{one.mark}content"), "application/octet-stream", ("onConflict", "newVersion")).Expect(202);
            await olga.Upload($"{one.mark}first.txt", Encoding.UTF8.GetBytes($"{one.mark}searched"), "text/plain", ("onConflict", "newVersion")).Expect(202);
            await olga.Settled(one.Id);
            await olga.Patch($"api/files/{one.Id}/versions/1", new { label = $"{one.mark}label" }).Expect(204);
            await olga.Patch($"api/files/{one.Id}", new { name = $"{one.mark}renamed.txt" }).Expect(200);
            await olga.Post($"api/files/{one.Id}/shares", new { grantee = friend.Email, role = "viewer" }).Expect(201);
            await olga.Post($"api/files/{one.Id}/shares", new { grantee = $"{one.mark}offered@example.org", role = "viewer" });
            one.link = (await olga.Post($"api/files/{one.Id}/links", new { password = "open sesame" }).Expect(201).Json()).GetProperty("token").GetString()!;
            var tag = (await olga.Post("api/tags", new { name = "Papers" }).Expect(201).Json()).Id();
            await olga.Put($"api/files/{one.Id}/tags/{tag}", new { }).Expect(204);
            await olga.Until($"api/search?q={one.mark}searched", found => found.GetProperty("items").GetArrayLength() == 1);
            return one;
        }

        public async Task Erase(Person olga)
        {
            var asked = await olga.Post($"api/files/{Id}/erasure", new { ground = "noLongerNeeded", immediately = true }).Expect(202).Json();
            (erasure, token) = (asked.GetProperty("erasure").Id(), asked.GetProperty("receiptToken").GetString()!);
        }

        /// <summary>How much was removed is what the pass found that told of it: after a kill it may be nothing. What is left is exact.</summary>
        /// <param name="originals">How many of its originals were removed.</param>
        public async Task<string> Receipt(Uri server, string stage, int originals = 2)
        {
            var text = await Drill.Receipt(server, erasure, token, stage);
            Assert.All(Canaries, canary => Assert.DoesNotContain(canary, text, StringComparison.OrdinalIgnoreCase));
            var receipt = JsonDocument.Parse(JsonDocument.Parse(text).RootElement.GetProperty("receipt").GetString()!).RootElement;
            Assert.InRange(receipt.ToString().Length, 1, 10_000);
            Assert.Equal((stage, Id), (receipt.GetProperty("stage").GetString(), receipt.GetProperty("file").GetGuid()));
            Assert.All(receipt.GetProperty("verified").EnumerateArray(), place => Assert.Equal(0, place.GetProperty("count").GetInt64()));
            Assert.Contains(receipt.GetProperty("removed").EnumerateArray(), place => place.GetProperty("place").GetString() == "private-rows");
            var content = receipt.GetProperty("fileContent");
            Assert.Equal((3, originals, 1), (content.GetProperty("versions").GetInt32(), content.GetProperty("originals").GetInt32(), content.GetProperty("shared").GetInt32()));
            Assert.Equal(1, receipt.GetProperty("recipientsCount").GetInt32());
            Assert.Contains("other files of the same owner", receipt.GetProperty("kept")[0].GetProperty("what").GetString(), StringComparison.Ordinal);
            return text;
        }

        public async Task CannotComeBack(Person olga, Person friend)
        {
            Assert.Contains((int)(await olga.Get($"api/files/{Id}/content")).StatusCode, new[] { 404, 410 });
            await olga.Post($"api/files/{Id}/restore").Problem(410, "delete.gone");
            Assert.Equal(404, (int)(await friend.Get($"api/files/{Id}")).StatusCode);
            Assert.Empty((await friend.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());
            Assert.Empty((await olga.Read($"api/search?q={mark}searched")).GetProperty("items").EnumerateArray());
            Assert.Equal(404, (int)(await friend.Get($"api/links/{link}")).StatusCode);
            var history = await (await olga.Get($"api/files/{Id}/history")).Content.ReadAsStringAsync(Cancel);
            Assert.All(Canaries, canary => Assert.DoesNotContain(canary, history, StringComparison.Ordinal));
        }

        public async Task SiblingsAreWhole(Person olga)
        {
            Assert.Equal("the sibling's own", await olga.Http.GetStringAsync($"api/files/{sibling}/content", Cancel));
            Assert.Equal(shared, await olga.Http.GetByteArrayAsync($"api/files/{twin}/content", Cancel));
            Assert.Equal("sibling.txt", (await olga.Read($"api/files/{sibling}")).GetProperty("name").GetString());
            Assert.Equal("twin.txt", (await olga.Read($"api/files/{twin}")).GetProperty("name").GetString());
            Assert.Single((await olga.Read("api/tags")).GetProperty("items").EnumerateArray());
        }
    }
}
