using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

public sealed class StorageJourneyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_that_a_kill_left_without_a_commit_go_at_the_next_start_and_the_upload_can_be_repeated()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        await using (await HeldCommits.Of(server, olga))
        {
            var cut = olga.Upload("Notes.txt", Samples.Text, "text/plain");
            await Eventually(() => Task.FromResult(Originals(server).Length == 1), "the bytes are stored");
            Assert.False(cut.IsCompleted);
            await server.Kill();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => cut);
            Assert.Single(Originals(server));
            await server.Restart();
        }

        await Eventually(
            async () => (await Events(server)).Contains("delete.orphan-removed.v1", StringComparison.Ordinal), "the removal");
        Assert.Empty(Originals(server));
        Assert.Equal((0, 0, 0), await olga.Quota());

        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        Assert.Equal(Samples.Text, await Content(olga, $"{file}/content"));
        await Eventually(async () => await olga.Quota() == (Samples.Text.Length, 0, 1), "the exact quota");
        Assert.Equal(0, (await Reconcile(server)).ExitCode);
    }

    [Fact]
    public async Task An_upload_under_way_is_not_taken_for_an_orphan()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        Task<HttpResponseMessage> upload;
        await using (await HeldCommits.Of(server, olga))
        {
            upload = olga.Upload("Notes.txt", Samples.Text, "text/plain");
            await Eventually(() => Task.FromResult(Originals(server).Length == 1), "the bytes are stored");
            Assert.Equal((0, 0), Count(await Reconcile(server, "--apply")));
        }

        var file = (await (await upload).Expect(202).Json()).GetProperty("file").Id();
        Assert.Equal(Samples.Text, await Content(olga, $"{file}/content"));
    }

    // Without any grace the bytes go from under an upload: then it gets no yes, and nothing of it is left.
    [Fact]
    public async Task An_upload_whose_bytes_were_taken_for_an_orphan_is_refused_and_can_be_repeated()
    {
        await using var server = await Server.Start(environment: ("Storage__Grace", "00:00:00"));
        using var olga = await Person.Register(server.Address, "Olga");
        Task<HttpResponseMessage> upload;
        await using (await HeldCommits.Of(server, olga))
        {
            upload = olga.Upload("Notes.txt", Samples.Text, "text/plain");
            await Eventually(() => Task.FromResult(Originals(server).Length == 1), "the bytes are stored");
            Assert.Equal((1, 1), Count(await Reconcile(server, "--apply")));
            Assert.Empty(Originals(server));
        }

        await (await upload).Problem(410, "upload.ended");
        Assert.Equal((0, 0, 0), await olga.Quota());
        await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        Assert.Equal(0, (await Reconcile(server)).ExitCode);
    }

    [Fact]
    public async Task However_often_the_store_is_gone_through_a_yes_means_that_the_bytes_stay()
    {
        await using var server = await Server.Start(
            environment: [("Storage__Grace", "00:00:00"), ("Storage__Every", "00:00:00.001")]);
        using var olga = await Person.Register(server.Address, "Olga");
        var first = await olga.Keep("versions", [1]);
        Assert.Equal([1], await Content(olga, $"{first}/content"));
        var kept = new ConcurrentDictionary<string, (Guid File, byte[] Content)> { [$"{first}/content?version=1"] = (first, [1]) };
        var eight = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel };
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), eight, async (number, _) =>
        {
            var content = RandomNumberGenerator.GetBytes(1 + (number * 400));
            var reply = (number % 3) switch
            {
                0 => await olga.Upload($"{number}", content),
                1 => await olga.Upload("versions", content, null, ("onConflict", "newVersion")),
                _ => await Tus.Whole(olga, content, $"{number}"),
            };
            if ((int)reply.StatusCode == 410)
            {
                await reply.Problem(410, "upload.ended");
                return;
            }

            if (number % 3 == 2)
            {
                await reply.Expect(201);
                var whole = Guid.Parse(Assert.Single(reply.Headers.GetValues("File-Id")));
                Assert.True(kept.TryAdd($"{whole}/content", (whole, content)));
                return;
            }

            var file = (await reply.Expect(202).Json()).GetProperty("file");
            Assert.True(kept.TryAdd(
                $"{file.Id()}/content?version={file.GetProperty("version").GetInt32()}", (file.Id(), content)));
        });

        foreach (var (path, (_, content)) in kept)
            Assert.Equal(content, await Content(olga, path));
        var (bytes, files) = (kept.Values.Sum(one => (long)one.Content.Length), kept.Values.Select(one => one.File).Distinct().Count());
        await Eventually(async () => await olga.Quota() == (bytes, 0, files), "the exact quota");
        await Eventually(() => Task.FromResult(Originals(server).Length == kept.Count), "what was refused is gone");
        Assert.Equal(0, (await Reconcile(server)).ExitCode);
    }

    [Fact]
    public async Task An_operator_is_shown_what_log_and_store_disagree_about_and_nothing_is_removed_unasked()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var file = await olga.Keep("a very personal name.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(file);
        Assert.Equal(0, (await Reconcile(server)).ExitCode);

        var lost = Guid.CreateVersion7();
        var planted = Plant(server, $"raw/{lost.ToString()[^2..]}/{lost}", DateTime.UtcNow.AddHours(-3));
        File.Delete(Assert.Single(Originals(server), path => path != planted));

        var (code, output, error) = await Reconcile(server);
        var found = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal((1, ""), (code, error));
        Assert.Equal(
            [("orphan", $"raw/{lost}", 5), ("dangling", $"raw/{file}", Samples.Picture.Length)],
            found.Select(one => (one.GetProperty("class").GetString()!, one.GetProperty("key").GetString()!, one.GetProperty("sizeBytes").GetInt32())));
        Assert.InRange(found[0].GetProperty("ageSeconds").GetInt64(), 10_700, 20_000);
        Assert.True(File.Exists(planted));
        Assert.Equal(JsonValueKind.Null, found[0].GetProperty("event").ValueKind);
        var responsible = found[1].GetProperty("event");
        Assert.Equal(("upload.completed.v1", $"upload-{file}"), (responsible.GetProperty("type").GetString(), responsible.GetProperty("stream").GetString()));
        var recorded = (await Events(server)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Single(one => one.GetProperty("position").GetInt64() == responsible.GetProperty("position").GetInt64());
        Assert.Equal(
            (responsible.GetProperty("type").GetString(), responsible.GetProperty("stream").GetString()),
            (recorded.GetProperty("type").GetString(), recorded.GetProperty("stream").GetString()));
        var scrubbed = await server.RunHere("storage", "scrub", "--json", "--data", server.Data);
        Assert.Equal(
            responsible.ToString(), JsonDocument.Parse(scrubbed.Output.Split('\n')[0]).RootElement.GetProperty("event").ToString());

        // The first who signed up operates the server.
        var report = await (await olga.Post("api/admin/storage/reconcile", new { limit = 1 })).Expect(200).Json();
        Assert.Equal((1, 0, false), (report.GetProperty("found").GetInt32(), report.GetProperty("removed").GetInt32(), report.GetProperty("isComplete").GetBoolean()));
        report = await (await olga.Post("api/admin/storage/reconcile")).Expect(200).Json();
        Assert.Equal((2, 0, true), (report.GetProperty("found").GetInt32(), report.GetProperty("removed").GetInt32(), report.GetProperty("isComplete").GetBoolean()));
        Assert.Equal(
            [("orphan", ""), ("dangling", responsible.ToString())],
            report.GetProperty("items").EnumerateArray().Select(one => (one.GetProperty("class").GetString()!, one.GetProperty("event").ToString())));
        Assert.True(File.Exists(planted));
        await (await olga.Post("api/admin/storage/reconcile", new { limit = 0 })).Problem(422, "validation");

        var told = await Server.Run("storage", "reconcile", "--apply", "--data", server.Data);
        Assert.Equal(1, told.ExitCode);
        Assert.Contains("removed", told.Output, StringComparison.Ordinal);
        Assert.Contains("2 found, 1 removed.", told.Output, StringComparison.Ordinal);
        Assert.Contains("no event tells of it", told.Output, StringComparison.Ordinal);
        Assert.Contains($"upload.completed.v1 at position {responsible.GetProperty("position")} ({responsible.GetProperty("id")}) of upload-{file}", told.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("personal name", told.Output + told.Error + await Events(server), StringComparison.Ordinal);
        Assert.False(File.Exists(planted));
        Assert.Equal((1, 0), Count(await Reconcile(server, "--apply")));

        planted = Plant(server, $"raw/{lost.ToString()[^2..]}/{lost}", DateTime.UtcNow.AddHours(-3));
        report = await (await olga.Post("api/admin/storage/reconcile", new { apply = true })).Expect(200).Json();
        Assert.Equal((2, 1), (report.GetProperty("found").GetInt32(), report.GetProperty("removed").GetInt32()));
        Assert.False(File.Exists(planted));
    }

    [Fact]
    public async Task Without_a_server_whatever_nothing_stands_for_counts_however_young()
    {
        await using var server = await Server.Start();
        var lost = Guid.CreateVersion7();
        var planted = Plant(server, $"raw/{lost.ToString()[^2..]}/{lost}", DateTime.UtcNow);
        Assert.Equal(0, (await Reconcile(server)).ExitCode);

        await server.Stop();
        Assert.Equal((1, 1), Count(await Reconcile(server, "--apply")));
        Assert.False(File.Exists(planted));
        Assert.Equal(0, (await Reconcile(server)).ExitCode);
    }

    private static Task<(int ExitCode, string Output, string Error)> Reconcile(Server server, params string[] options) =>
        server.RunHere(["storage", "reconcile", "--json", "--data", server.Data, .. options]);

    private static (int Found, int Removed) Count((int ExitCode, string Output, string Error) reconciled)
    {
        var lines = reconciled.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((lines.Length == 0 ? 0 : 1, ""), (reconciled.ExitCode, reconciled.Error));
        return (lines.Length, lines.Count(line => line.Contains("\"removed\":true", StringComparison.Ordinal)));
    }

    private static async Task<string> Events(Server server) =>
        (await Server.Run("events", "tail", "--json", "--last", "1000", "--data", server.Data)).Output;

    private static string[] Originals(Server server)
    {
        var raw = Path.Combine(server.Data, "objects", "raw");
        return Directory.Exists(raw) ? Directory.GetFiles(raw, "*", SearchOption.AllDirectories) : [];
    }

    private static string Plant(Server server, string place, DateTime writtenAt)
    {
        var path = Path.Combine(server.Data, "objects", place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "bytes");
        File.SetLastWriteTimeUtc(path, writtenAt);
        return path;
    }

    // Readers may be behind on a machine that is busy.
    private static async Task<byte[]> Content(Person person, string path)
    {
        byte[]? content = null;
        await Eventually(
            async () =>
            {
                using var reply = await person.Get($"api/files/{path}");
                content = reply.IsSuccessStatusCode ? await reply.Content.ReadAsByteArrayAsync(Cancel) : null;
                return content is not null;
            },
            path);
        return content!;
    }

    private static async Task Eventually(Func<Task<bool>> isSo, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        while (!await isSo())
        {
            if (patience.IsCancellationRequested)
                Assert.Fail($"Waited in vain: {what}.");
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>
    /// Stands in the way of somebody's first commit as another writer might: with the lock on the name of a stream that the
    /// commit is about to create. The bytes are stored before, and nobody else is hindered.
    /// </summary>
    private sealed class HeldCommits(NpgsqlConnection connection) : IAsyncDisposable
    {
        public static async Task<HeldCommits> Of(Server server, Person person)
        {
            var (_, url, _) = await Server.Run("db", "url", "--data", server.Data);
            var address = new Uri(url.Trim());
            var user = address.UserInfo.Split(':', 2);
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
            {
                Host = address.Host,
                Port = address.Port,
                Username = Uri.UnescapeDataString(user[0]),
                Password = Uri.UnescapeDataString(user[1]),
                Database = address.AbsolutePath.Trim('/'),
                Pooling = false,
            }.ConnectionString);
            await connection.OpenAsync(Cancel);
            await using var hold = new NpgsqlCommand("select pg_advisory_lock(17734, hashtext($1))", connection);
            hold.Parameters.AddWithValue($"quota-{person.Id}");
            await hold.ExecuteNonQueryAsync(Cancel);
            return new HeldCommits(connection);
        }

        // The server may have gone, and the connection with it.
        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
