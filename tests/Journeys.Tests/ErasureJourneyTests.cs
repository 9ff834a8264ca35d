using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>The drill: a person is erased, and looked for in every place, also in what is restored from before.</summary>
public sealed partial class ErasureJourneyTests
{
    private static readonly (string, string)[] Hurried = [("Erasure__SettleAfter", "00:00:00"), ("Erasure__Every", "00:00:01")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_erased_is_found_nowhere_and_a_restored_backup_from_before_brings_nothing_back()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-erasure-").FullName;
        var (data, backup, restored) = (Path.Combine(folder, "data"), Path.Combine(folder, "backup"), Path.Combine(folder, "restored"));
        var temporary = Directory.CreateDirectory(Path.Combine(folder, "temporary")).FullName;
        (string, string)[] hurried = [.. Hurried, ("TMPDIR", temporary), ("LOG_LEVEL", "debug")];
        try
        {
            Person ada, ravi;
            Drilled[] drilled;
            string lived;
            Guid his;
            string link;
            await using (var server = await Server.Start(data, hurried))
            {
                ada = await Person.Register(server.Address, "Ada");
                ravi = await Person.Register(server.Address, "Ravi");
                his = await ravi.Keep("kept.txt", "Ravi's own"u8.ToArray(), "text/plain");
                // One after the other: only so many passwords are hashed at once.
                drilled = new Drilled[IsLong ? 1000 : 4];
                for (var number = 0; number < drilled.Length; number++)
                    drilled[number] = await Drilled.Live(server.Address, ravi, number);
                link = drilled[0].Link;
                Assert.Equal(0, (await server.RunHere("backup", backup, "--data", data)).ExitCode);
                foreach (var one in drilled)
                    await one.Erase(ada);
                Assert.DoesNotContain(drilled.SelectMany(one => one.Canaries), canary => Names(data).Any(name => name.Contains(canary, StringComparison.OrdinalIgnoreCase)));
                // In the middle of it.
                await server.Kill();
                lived = server.Log;
            }

            // It says much, and nothing of them.
            Assert.True(lived.Length > 100_000, lived);
            Assert.All(drilled.SelectMany(one => one.Canaries), canary => Assert.DoesNotContain(canary, lived, StringComparison.OrdinalIgnoreCase));
            await using (var server = await Server.Start(data, hurried))
            {
                using var admin = ada.At(server.Address);
                using var still = ravi.At(server.Address);
                foreach (var one in drilled)
                    await one.Receipt(server.Address, "A");
                foreach (var one in drilled)
                    await one.CannotComeBack(server.Address, still);
                Assert.Equal(404, (int)(await admin.Get($"api/links/{link}")).StatusCode);
                Assert.Empty((await still.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());
                Assert.Equal("Ravi's own", Encoding.UTF8.GetString(await still.Http.GetByteArrayAsync($"api/files/{his}/content", Cancel)));
                await using (var database = NpgsqlDataSource.Create(await server.ConnectionString()))
                    await Drill.AssertTablesTellNothing(database, [.. drilled.SelectMany(one => one.Canaries)]);
                // What is missing beside the log is missing by an erasure that the log tells of.
                Assert.NotEqual(0, (await Verified(server, data, 0)).GetProperty("erasedRows").GetInt64());
                Assert.All(drilled.SelectMany(one => one.Canaries), canary => Assert.DoesNotContain(canary, server.Log, StringComparison.Ordinal));

                Assert.Equal(0, (await server.RunHere("keys", "rotate", "--data", data)).ExitCode);
                Assert.Equal(0, (await server.RunHere("keys", "status", "--data", data)).ExitCode);
                foreach (var one in drilled)
                    await one.Receipt(server.Address, "B");
                Assert.Equal("Ravi's own", Encoding.UTF8.GetString(await still.Http.GetByteArrayAsync($"api/files/{his}/content", Cancel)));
                Assert.Equal(0, await server.Stop());
            }

            // What only private rows and contents held stands in no byte of database, write-ahead log and object store, and
            // nothing at all in any other file.
            Assert.Empty(Drill.FilesWith(Path.Combine(data, "postgres"), [.. drilled.SelectMany(one => one.Sealed)]));
            Assert.All(
                Drill.FilesWith(data, [.. drilled.SelectMany(one => one.Canaries)]),
                file => Assert.StartsWith(Path.Combine(data, "postgres"), file, StringComparison.Ordinal));
            Assert.Empty(Drill.FilesWith(temporary, [.. drilled.SelectMany(one => one.Canaries)]));

            // From before the erasure, with today's keys and their journal.
            Directory.CreateDirectory(restored);
            Drill.CopyFolder(Path.Combine(data, "era-keys"), Path.Combine(restored, "era-keys"));
            var back = await Server.RunWith(Hurried, "restore", backup, "--data", restored);
            Assert.True(back.ExitCode == 0, back.Error);
            await using (var server = await Server.Start(restored, Hurried))
            {
                using var still = await ravi.SignInAt(server.Address);
                Assert.Equal("Ravi's own", Encoding.UTF8.GetString(await still.Http.GetByteArrayAsync($"api/files/{his}/content", Cancel)));
                await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
                await Drill.AssertTablesTellNothing(database, [.. drilled.SelectMany(one => one.Canaries)]);
                await Drill.Until(async () => await Drill.Count(database, "select count(*) from mt_events where type = 'erasure.verified.v1'") == drilled.Length);
                foreach (var one in drilled)
                    await one.CannotComeBack(server.Address, still);
                Assert.NotEqual(0, (await Verified(server, restored, 0)).GetProperty("erasedRows").GetInt64());
                // What somebody else takes away reads as if it had been erased, and no log tells that it was.
                await using (var gone = database.CreateCommand($"delete from eventfiles.event_private where seq_id = (select min(seq_id) from eventfiles.event_private where tenant_id = '{ravi.Id}')"))
                    Assert.Equal(1, await gone.ExecuteNonQueryAsync(Cancel));
                var found = await Verified(server, restored, 1);
                Assert.Contains("no erasure in the log", found.GetProperty("problem").GetString(), StringComparison.Ordinal);
                Assert.Equal(
                    await Drill.Count(database, $"select leaf from eventfiles.log_leaves l join mt_events e on e.seq_id = l.position where e.type = 'accounts.registered.v1' and e.tenant_id = '{ravi.Id}'"),
                    found.GetProperty("firstBadIndex").GetInt64());
                await using (var gone = database.CreateCommand($"delete from eventfiles.subject_keys where subject = '{ada.Id}'"))
                    Assert.Equal(1, await gone.ExecuteNonQueryAsync(Cancel));
                Assert.True((await Verified(server, restored, 1)).GetProperty("firstBadIndex").GetInt64() < found.GetProperty("firstBadIndex").GetInt64());
                Assert.Equal(0, (await server.RunHere("log", "verify", "--public", "--data", restored)).ExitCode);
                Assert.Equal(0, await server.Stop());
            }

            Assert.Empty(Drill.FilesWith(Path.Combine(restored, "objects"), [.. drilled.SelectMany(one => one.Canaries)]));
            Assert.Empty(Drill.FilesWith(Path.Combine(restored, "postgres"), [.. drilled.SelectMany(one => one.Sealed)]));
            foreach (var one in drilled)
                one.Dispose();
            ada.Dispose();
            ravi.Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_hold_stops_it_and_in_time_it_is_cancelled()
    {
        await using var server = await Server.Start(null, Hurried);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var eve = await Person.Register(server.Address, "Eve");
        var held = await olga.Keep("held.txt", "evidence"u8.ToArray(), "text/plain");
        var free = await olga.Keep("free.txt", "nothing"u8.ToArray(), "text/plain");

        await olga.Post("api/me/erasure", new { password = "another one" }).Problem(403, "confirm.wrong-password");
        await eve.Post($"api/admin/accounts/{olga.Id}/erasure", new { ground = "objection" }).Problem(403, "erasure.administrators-only");
        await ada.Post("api/me/erasure", new { password = Person.Password }).Problem(409, "erasure.administrator");
        await ada.Post($"api/admin/accounts/{Guid.NewGuid()}/erasure", new { ground = "objection" }).Problem(404, "erasure.no-such-account");

        var asked = await olga.Post("api/me/erasure", new { password = Person.Password }).Expect(202).Json();
        var first = asked.GetProperty("erasure").Id();
        Assert.True(asked.GetProperty("erasure").GetProperty("beginsAt").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddDays(6));
        await olga.Post("api/me/erasure", new { password = Person.Password }).Problem(409, "erasure.under-way");
        await eve.Get($"api/erasures/{first}").Problem(404, "erasure.no-such-erasure");
        await eve.Delete($"api/erasures/{first}").Problem(404, "erasure.no-such-erasure");
        await olga.Get($"api/erasures/{first}/receipt").Problem(409, "erasure.no-receipt-yet");
        Assert.Equal("cancelled", (await olga.Delete($"api/erasures/{first}").Expect(200).Json()).GetProperty("status").GetString());
        Assert.Equal("nothing", Encoding.UTF8.GetString(await olga.Http.GetByteArrayAsync($"api/files/{free}/content", Cancel)));

        await ada.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        var hold = (await ada.Post("api/holds", new { kind = "file", targetId = held, reason = "Case 1" }).Expect(201).Json()).Id();
        var second = (await ada.Post($"api/admin/accounts/{olga.Id}/erasure", new { ground = "objection", immediately = true, deadline = DateTimeOffset.UtcNow.AddSeconds(1) }).Expect(202).Json())
            .GetProperty("erasure").Id();
        var waits = await ada.Until($"api/erasures/{second}", view => view.GetProperty("status").GetString() == "held");
        Assert.Equal(1, waits.GetProperty("heldFiles").GetInt32());
        Assert.Equal(401, (int)(await olga.Get("api/me")).StatusCode);
        // What is kept, and why, can be shown meanwhile.
        var meanwhile = await Waiting(ada, second);
        await Drill.AssertProven(server.Address, meanwhile);
        var says = JsonDocument.Parse(JsonDocument.Parse(meanwhile).RootElement.GetProperty("receipt").GetString()!).RootElement;
        Assert.Equal(("held", "files: 1"), (says.GetProperty("stage").GetString(), says.GetProperty("kept")[0].GetProperty("what").GetString()));
        Assert.Contains("legal hold", says.GetProperty("kept")[0].GetProperty("why").GetString(), StringComparison.Ordinal);
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        Assert.NotEqual(0, await Drill.Count(database, $"select count(*) from eventfiles.subject_keys where subject = '{olga.Id}'"));
        Assert.Single(Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{held}*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{free}*", SearchOption.AllDirectories));

        // An operator hears of what takes longer than it may.
        await Drill.Until(() => Task.FromResult(server.Log.Contains($"The erasure {second} was to be done by", StringComparison.Ordinal)));

        await ada.Post($"api/holds/{hold}/lift", new { reason = "Closed" }).Expect(200);
        await ada.Until($"api/erasures/{second}", view => view.GetProperty("status").GetString() == "erased");
        await ada.Delete($"api/erasures/{second}").Problem(410, "erasure.too-late");
        Assert.Equal(0, await Drill.Count(database, $"select count(*) from eventfiles.event_private where tenant_id = '{olga.Id}'"));
        Assert.Empty(Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{held}*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Whoever_something_was_shared_with_hears_that_it_was_erased_and_the_receipt_counts_them()
    {
        await using var post = await MailServer.Start();
        await using var server = await Server.Start(
            null, [.. Hurried, ("SMTP_URL", post.Url), ("MAIL_FROM", "EventFiles <files@example.org>"),
            ("PUBLIC_URL", "https://files.example.org"), ("SSL_CERT_FILE", post.Certificate)]);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        await ravi.Http.PostAsJsonAsync("api/auth/email/confirm", new { token = await post.NextToken(ravi.Email, "confirm") }, Cancel).Expect(204);
        var zoe = $"zoe-{Guid.NewGuid():n}@example.org";
        foreach (var name in new[] { "plan.txt", "sketch.txt" })
        {
            var file = await olga.Keep(name, Encoding.UTF8.GetBytes(name), "text/plain");
            await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201);
            await olga.Post($"api/files/{file}/shares", new { grantee = zoe, role = "viewer" }).Expect(201);
        }

        await ravi.Until("api/shared-with-me", seen => seen.GetProperty("items").GetArrayLength() == 2);
        await post.NextToken(zoe, "invitation");
        await ada.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        var asked = await ada.Post($"api/admin/accounts/{olga.Id}/erasure", new { ground = "objection", immediately = true }).Expect(202).Json();
        var (erasure, token) = (asked.GetProperty("erasure").Id(), asked.GetProperty("receiptToken").GetString()!);

        foreach (var to in new[] { ravi.Email, zoe })
        {
            string mail;
            do
                mail = await post.Next(to);
            while (!mail.Contains("Subject: Something that was shared with you was erased", StringComparison.Ordinal));
            Assert.Contains($"{erasure}", mail, StringComparison.Ordinal);
            Assert.All(["plan.txt", "sketch.txt", "Olga", olga.Email], word => Assert.DoesNotContain(word, mail, StringComparison.OrdinalIgnoreCase));
            // From the mail one comes back to the command.
            var cause = Guid.ParseExact(MessageId().Match(mail).Groups["cause"].Value, "N");
            var causes = await ada.Read($"api/audit/events/{cause}/causes");
            Assert.Equal("erasure.recipients-found.v1", causes.GetProperty("steps")[0].GetProperty("what").GetString());
            Assert.Equal(("EraseAccount", ada.Id), (causes.GetProperty("command").GetProperty("request").GetString(), causes.GetProperty("command").GetProperty("actor").Id()));
        }

        var text = await Drill.Receipt(server.Address, erasure, token, "A");
        await Drill.AssertProven(server.Address, text);
        var told = JsonDocument.Parse(JsonDocument.Parse(text).RootElement.GetProperty("receipt").GetString()!).RootElement.GetProperty("recipients");
        Assert.Equal((1, 1, 2), (told.GetProperty("accounts").GetInt32(), told.GetProperty("invited").GetInt32(), told.GetProperty("told").GetInt32()));
        Assert.DoesNotContain("@example.org", server.Log, StringComparison.Ordinal);
        await Verified(server, server.Data, 0);
    }

    [GeneratedRegex("^Message-Id: *<[0-9a-f]{32}\\.(?<cause>[0-9a-f]{32})@example\\.org>", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex MessageId();

    private static async Task<JsonElement> Verified(Server server, string data, int code)
    {
        var (exit, output, error) = await server.RunHere("log", "verify", "--json", "--data", data);
        Assert.True(exit == code, output + error);
        return JsonDocument.Parse(output).RootElement;
    }

    private static IEnumerable<string> Names(string data) =>
        Directory.EnumerateFileSystemEntries(data, "*", SearchOption.AllDirectories);

    private static async Task<string> Waiting(Person administrator, Guid erasure)
    {
        await administrator.Until($"api/erasures/{erasure}/receipt", receipt => receipt.GetProperty("proof").ValueKind == JsonValueKind.String, mayBeMissing: true);
        return await administrator.Http.GetStringAsync($"api/erasures/{erasure}/receipt", Cancel);
    }

    private static bool IsLong => Environment.GetEnvironmentVariable("EVENTFILES_LONG") is "1" or "true";

    /// <summary>Somebody with a canary in every field that tells of a person.</summary>
    internal sealed class Drilled : IDisposable
    {
        private readonly string mark = $"canary{Guid.NewGuid():n}";
        private Person person = null!;
        private Guid erasure;
        private string token = "";
        private Uri upload = null!;
        private readonly PasskeyDevice device = new();

        public string Link { get; private set; } = "";

        /// <summary>What only private rows, contents and hashes hold: names that are unique somewhere stand in claims too.</summary>
        public IEnumerable<string> Sealed =>
            [.. Told.Select(word => mark + word), $"{mark}content", device.Id];

        public IEnumerable<string> Canaries => [.. Sealed, person.Email, .. Claimed.Select(word => mark + word)];

        // Everywhere that somebody can write something: what is unique somewhere is claimed and what is text is searched in.
        private static readonly string[] Claimed =
            ["searched", "folder", "folder2", "file", "renamed", "tag", "tag2", "trash", "upload", "copied"];

        private static readonly string[] Told = ["display", "label", "group", "group2", "token", "device", "title", "offered", "watermark", "passkey"];

        public static async Task<Drilled> Live(Uri server, Person friend, int number)
        {
            var one = new Drilled();
            var (mark, content) = (one.mark, Encoding.UTF8.GetBytes($"\0{one.mark}content {number}"));
            one.person = await Person.Register(server, mark[..20]);
            var olga = one.person;
            await olga.Patch("api/me", new { displayName = $"{mark}display" }).Expect(200);
            using (var elsewhere = new HttpClient { BaseAddress = server, DefaultRequestHeaders = { { "User-Agent", $"{mark}device" } } })
                await elsewhere.PostAsync("api/auth/login", JsonContent(new { email = olga.Email, password = Person.Password }), Cancel).Expect(200);
            await olga.Post("api/auth/tokens", new { name = $"{mark}token", scopes = new[] { "read" } }).Expect(201);
            var group = (await olga.Post("api/groups", new { name = $"{mark}group" }).Expect(201).Json()).Id();
            await olga.Patch($"api/groups/{group}", new { name = $"{mark}group2" }).Expect(200);
            var folder = (await olga.Post("api/folders", new { name = $"{mark}folder" }).Expect(201).Json()).Id();
            await olga.Patch($"api/folders/{folder}", new { name = $"{mark}folder2" }).Expect(200);
            await olga.Post($"api/folders/{folder}/links", new { access = "upload", title = $"{mark}title" }).Expect(201);
            var tag = (await olga.Post("api/tags", new { name = $"{mark}tag" }).Expect(201).Json()).Id();
            await olga.Patch($"api/tags/{tag}", new { name = $"{mark}tag2" }).Expect(200);
            var file = (await olga.Upload($"{mark}file.bin", content, "application/octet-stream", ("folderId", $"{folder}")).Expect(202).Json()).GetProperty("file").Id();
            await olga.Upload($"{mark}file.bin", [.. content, 1], "application/octet-stream", ("folderId", $"{folder}"), ("onConflict", "newVersion")).Expect(202);
            await olga.Patch($"api/files/{file}", new { name = $"{mark}renamed.bin" }).Expect(200);
            await olga.Patch($"api/files/{file}/versions/1", new { label = $"{mark}label" }).Expect(204);
            await olga.Put($"api/files/{file}/tags/{tag}", new { }).Expect(204);
            await olga.Post($"api/files/{file}/shares", new { grantee = $"{mark}offered@example.org", role = "viewer" }).Expect(201);
            var picture = await olga.Keep("picture.png", await File.ReadAllBytesAsync(Path.Combine(Server.Root, "samples", "Flower.png"), Cancel), "image/png");
            await olga.Post($"api/files/{picture}/process", new { processor = "watermark", options = new { text = $"{mark}watermark" } }).Expect(202);
            await olga.Settled(picture);
            using var face = new ByteArrayContent(Samples.Transparent);
            await olga.Http.PutAsync("api/me/avatar", face, Cancel).Expect(200);
            await olga.Post($"api/files/{picture}/copy", new { name = $"{mark}copied.png" }).Expect(201);
            await olga.Post($"api/files/{file}/shares", new { grantee = friend.Email, role = "viewer" }).Expect(201);
            one.Link = (await olga.Post($"api/files/{file}/links", new { }).Expect(201).Json()).GetProperty("token").GetString()!;
            var text = await olga.Keep($"{mark}trash.txt", Encoding.UTF8.GetBytes($"{mark}searched"), "text/plain");
            await olga.Settled(text);
            await olga.Until($"api/search?q={mark}searched", found => found.GetProperty("items").GetArrayLength() == 1);
            await olga.Delete($"api/files/{text}").Expect(202);
            var asked = await olga.Post("api/auth/passkeys/creation", new { password = Person.Password }).Expect(200).Json();
            await olga.Post("api/auth/passkeys", new { name = $"{mark}passkey", credential = one.device.Create(asked).ToJson() }).Expect(201);
            await one.ByPasskey(server, 200);
            using var begun = await Tus.Create(olga, 100, $"{mark}upload.bin");
            one.upload = (await begun.Expect(201)).Headers.Location!;
            await (await Tus.Patch(olga, one.upload, 0, [1, 2, 3])).Expect(204);
            await Drill.AssertAddressesTellNothing(
                olga, [.. one.Canaries],
                [
                    "api/me", "api/folders/root/children", $"api/folders/{folder}", $"api/folders/{folder}/children",
                    $"api/files/{file}", $"api/files/{file}/versions", $"api/files/{file}/links", $"api/files/{file}/shares", $"api/files/{picture}",
                    "api/trash", "api/tags", "api/groups", "api/shared-by-me", "api/shared-by-me/links", $"api/search?q={mark}searched", $"api/links/{one.Link}",
                ]);
            return one;
        }

        public async Task Erase(Person administrator)
        {
            var asked = await administrator.Post(
                $"api/admin/accounts/{person.Id}/erasure", new { ground = "consentWithdrawn", immediately = true }).Expect(202).Json();
            (erasure, token) = (asked.GetProperty("erasure").Id(), asked.GetProperty("receiptToken").GetString()!);
        }

        /// <summary>Waits for it with the token alone, and reads it.</summary>
        public async Task Receipt(Uri server, string stage)
        {
            var text = await Drill.Receipt(server, erasure, token, stage);
            Assert.InRange(JsonDocument.Parse(text).RootElement.GetProperty("receipt").GetString()!.Length, 1, 10_000);
            Assert.All(Canaries, canary => Assert.DoesNotContain(canary, text, StringComparison.OrdinalIgnoreCase));
            var receipt = JsonDocument.Parse(JsonDocument.Parse(text).RootElement.GetProperty("receipt").GetString()!).RootElement;
            Assert.Equal(stage, receipt.GetProperty("stage").GetString());
            Assert.All(receipt.GetProperty("verified").EnumerateArray(), place => Assert.Equal(0, place.GetProperty("count").GetInt64()));
            // Of two passes at once the one that tells of it may have found what the other left: what is left is exact.
            Assert.Contains(receipt.GetProperty("removed").EnumerateArray(), place => place.GetProperty("place").GetString() == "private-rows");
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(text).RootElement.GetProperty("before").ValueKind);
            Assert.Equal((4, 1, 1), (receipt.GetProperty("content").GetProperty("files").GetInt32(), receipt.GetProperty("content").GetProperty("uploads").GetInt32(), receipt.GetProperty("recipientsCount").GetInt32()));
            await Drill.AssertProven(server, text);
            using var nobody = new HttpClient { BaseAddress = server };
            Assert.Equal(404, (int)(await nobody.GetAsync($"api/erasures/{erasure}", Cancel)).StatusCode);
        }

        private async Task ByPasskey(Uri server, int status)
        {
            using var anonymous = new HttpClient { BaseAddress = server };
            var question = await anonymous.PostAsync("api/auth/passkeys/question", null, Cancel).Expect(200).Json();
            await anonymous.PostAsync("api/auth/passkeys/login", JsonContent(new { credential = device.Use(question).ToJson() }), Cancel).Expect(status);
        }

        public async Task CannotComeBack(Uri server, Person friend)
        {
            using var there = person.At(server);
            Assert.Equal(401, (int)(await there.Get("api/me")).StatusCode);
            Assert.Equal(401, (int)(await Tus.Patch(there, upload, 3, [4])).StatusCode);
            Assert.Equal(401, (int)(await there.Upload("late.txt", [1])).StatusCode);
            using var anonymous = new HttpClient { BaseAddress = server };
            using var login = await anonymous.PostAsync(
                "api/auth/login", JsonContent(new { email = person.Email, password = Person.Password }), Cancel);
            Assert.Equal(401, (int)login.StatusCode);
            await ByPasskey(server, 401);
            Assert.Equal(404, (int)(await anonymous.GetAsync($"api/links/{Link}", Cancel)).StatusCode);
            Assert.NotEqual(Guid.Empty, friend.Id);
        }

        public void Dispose()
        {
            person.Dispose();
            device.Dispose();
        }

        private static StringContent JsonContent(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
    }
}
