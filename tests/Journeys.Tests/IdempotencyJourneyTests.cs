using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>Who repeats a request with its Idempotency-Key has its effect once and reads the same reply.</summary>
public sealed class IdempotencyJourneyTests(ServerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_that_takes_a_key_answers_twice_and_acts_once()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var file = await olga.Keep("picture.png", Samples.Picture, "image/png");
        await olga.Settled(file);
        var trashed = await olga.Keep("trashed.txt", Samples.Text);
        await olga.Settled(trashed);
        await (await olga.Delete($"api/files/{trashed}")).Expect(202);

        var folder = await Twice(olga, 201, () => Json("api/folders", new { name = "Papers" }));
        await Twice(olga, 202, () => Form("notes.txt", Samples.Text, ("folderId", folder.Id().ToString())));
        await Twice(olga, 201, () => Json($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }));
        var link = await Twice(olga, 201, () => Json($"api/files/{file}/links", new { password = "open sesame" }));
        await Twice(olga, 202, () => Json($"api/files/{file}/process", new { processor = "resize", options = new { width = 77 } }), mayBeSo: true);
        await Twice(olga, 200, () => Json($"api/files/{trashed}/restore", new { }));
        var copies = (await (await olga.Post("api/folders", new { name = "Copies" })).Expect(201).Json()).Id();
        var copied = await Twice(olga, 201, () => Json($"api/files/{trashed}/copy", new { folderId = copies }));
        var copying = await Twice(olga, 202, () => Json($"api/folders/{copies}/copy", new { }));
        await olga.Until($"api/copies/{copying.Id()}", seen => seen.GetProperty("status").GetString() == "done");
        var items = new[] { new { kind = "file", id = copied.GetProperty("file").Id() } };
        var thrown = (await (await olga.Post("api/folders", new { name = "Thrown away" })).Expect(201).Json()).Id();
        await (await olga.Delete($"api/folders/{thrown}?recursive=true")).Expect(202);
        await Twice(olga, 200, () => Json($"api/folders/{thrown}/restore", new { }));
        await Twice(olga, 201, () => Json("api/tags", new { name = "Trip" }));
        await Twice(olga, 201, () => Json("api/archives", new { items }));
        await Twice(olga, 200, () => Json("api/bulk", new { action = "copy", items, folderId = copies }));

        using var visit = new HttpRequestMessage(HttpMethod.Get, $"api/links/{link.GetProperty("token").GetString()}") { Headers = { { "Link-Password", "open sesame" } } };
        await (await ravi.Http.SendAsync(visit, Cancel)).Expect(200);
        Assert.Single((await olga.Read($"api/files/{file}/links")).GetProperty("items").EnumerateArray());
        Assert.Single((await olga.Read($"api/folders/{folder.Id()}/children")).GetProperty("items").EnumerateArray());
        Assert.Equal((Samples.Picture.Length + Samples.Text.Length, 0L, 6), await olga.Quota());
    }

    [Fact]
    public async Task The_document_says_of_every_post_whether_it_takes_a_key()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var posts = (await olga.Read("openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("post", out _))
            .ToDictionary(path => path.Name, path => path.Value.GetProperty("post"));

        var taking = posts.Where(post => post.Value.TryGetProperty("parameters", out var all)
            && all.EnumerateArray().Any(one => one.GetProperty("name").GetString() == "Idempotency-Key")).ToList();
        Assert.Equal(
            [
                "/api/admin/accounts/{id}/erasure", "/api/admin/files/{id}/release", "/api/admin/invitations",
                "/api/admin/scanner/rescan", "/api/admin/service-accounts", "/api/archives", "/api/bulk",
                "/api/files/{id}/copy", "/api/files/{id}/erasure", "/api/files/{id}/links", "/api/files/{id}/process", "/api/files/{id}/restore",
                "/api/files/{id}/shares", "/api/files/{id}/transfer", "/api/files/{id}/versions/{number}/restore", "/api/folders",
                "/api/folders/{id}/copy", "/api/folders/{id}/links", "/api/folders/{id}/restore", "/api/folders/{id}/shares", "/api/folders/{id}/transfer",
                "/api/groups",
                "/api/groups/{id}/members", "/api/groups/{id}/space", "/api/holds", "/api/holds/{id}/lift", "/api/me/export", "/api/tags",
                "/api/transfers/{id}/accept", "/api/transfers/{id}/decline", "/api/upload",
            ],
            taking.Select(post => post.Key).Order(StringComparer.Ordinal));
        Assert.All(taking, post => Assert.All(
            ["400", "409", "422"],
            status => Assert.Contains("idempotency.", post.Value.GetProperty("responses").GetProperty(status).GetProperty("description").GetString(), StringComparison.Ordinal)));
        Assert.All(posts.Except(taking), post => Assert.Contains(
            "Idempotency-Key makes no difference here.", post.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("\"never closed")]
    [InlineData("\"\"")]
    public async Task A_key_that_is_none_is_told(string key)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");

        await (await Send(olga, key, Json("api/folders", new { name = "Papers" }))).Problem(400, "idempotency.malformed-key");

        Assert.Empty((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_same_key_with_something_else_is_refused_even_when_only_the_bytes_differ()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        await (await Send(olga, "one", Json("api/folders", new { name = "Papers" }))).Expect(201);
        await (await Send(olga, "two", Form("notes.txt", "one text"u8.ToArray()))).Expect(202);

        await (await Send(olga, "one", Json("api/folders", new { name = "Other papers" }))).Problem(422, "idempotency.key-reused");
        await (await Send(olga, "one", Form("notes.txt", "one text"u8.ToArray()))).Problem(422, "idempotency.key-reused");
        await (await Send(olga, "two", Form("other.txt", "one text"u8.ToArray()))).Problem(422, "idempotency.key-reused");
        await (await Send(olga, "two", Form("notes.txt", "one word"u8.ToArray()))).Problem(422, "idempotency.key-reused");
        await (await Send(ravi, "one", Json("api/folders", new { name = "Papers" }))).Expect(201);

        Assert.Equal(8, (await olga.Quota()).Used);
        Assert.Equal(2, (await olga.Read("api/folders/root/children")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Of_sixty_four_at_once_one_has_an_effect()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var large = new byte[3 << 20];

        var folders = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Send(olga, "folder", Json("api/folders", new { name = "Papers" }))));
        var uploads = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Send(olga, "upload", Form("large.bin", large))));

        await OneAnswer(folders, 201);
        await OneAnswer(uploads, 202);
        Assert.Equal(2, (await olga.Read("api/folders/root/children")).GetProperty("items").GetArrayLength());
        Assert.Equal((large.Length, 0L, 1), await olga.Quota());
    }

    [Fact]
    public async Task A_refusal_is_not_remembered()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var file = new byte[20_000];
        await (await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 10_000 })).Expect(200);
        await (await Send(olga, "key", Form("file.bin", file))).Problem(507, "quota.exceeded");

        await (await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 100_000 })).Expect(200);

        await (await Send(olga, "key", Form("file.bin", file))).Expect(202);
        await (await Send(olga, "key", Form("file.bin", file))).Expect(202);
        Assert.Equal((file.Length, 0L, 1), await olga.Quota());
    }

    // Readers are held up, so that the reply waits: what was asked is committed and nobody has been told.
    [Fact]
    public async Task Killed_between_commit_and_reply_the_repeat_gets_the_reply()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var (folder, file) = (Json("api/folders", new { name = "Papers" }), Form("notes.txt", Samples.Text));
        await using (var database = NpgsqlDataSource.Create(await server.ConnectionString()))
        {
            await using var writer = await database.OpenConnectionAsync(Cancel);
            await using var unfinished = await writer.BeginTransactionAsync(Cancel);
            await using var draw = new NpgsqlCommand(
                """
                set local idle_in_transaction_session_timeout = 0;
                lock table public.mt_streams in row exclusive mode;
                select nextval('public.mt_events_sequence');
                """, writer, unfinished);
            await draw.ExecuteNonQueryAsync(Cancel);
            Task<HttpResponseMessage>[] asked = [Send(olga, "folder", folder), Send(olga, "file", file)];
            await using var committed = database.CreateCommand(
                "select count(*) from public.mt_events where type in ('folders.created.v1', 'upload.completed.v1')");
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while ((long)(await committed.ExecuteScalarAsync(patience.Token))! < 2)
                await Task.Delay(20, patience.Token);
            Assert.All(asked, one => Assert.False(one.IsCompleted));

            await server.Kill();
            foreach (var one in asked)
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => one);
        }

        await server.Restart();

        var made = await Twice(olga, 201, () => Json("api/folders", new { name = "Papers" }), key: "folder");
        var kept = await Twice(olga, 202, () => Form("notes.txt", Samples.Text), key: "file");
        var items = (await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray().Select(item => item.Id());
        Assert.Equal(new[] { made.Id(), kept.GetProperty("file").Id() }.Order(), items.Order());
        Assert.Equal(((long)Samples.Text.Length, 0L, 1), await olga.Quota());
    }

    /// <summary>Asks twice and wants one reply: status, body, position and place.</summary>
    private static async Task<JsonElement> Twice(
        Person who, int status, Func<HttpRequestMessage> ask, string? key = null, bool mayBeSo = false)
    {
        key ??= $"\"{Guid.NewGuid()}\"";
        var first = await (await Send(who, key, ask())).Expect(status);
        var second = await (await Send(who, key, ask())).Expect(status);
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await second.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(Position(first), Position(second));
        Assert.True(mayBeSo || Position(first) > 0);
        return await first.Json();
    }

    private static async Task OneAnswer(HttpResponseMessage[] replies, int status)
    {
        var done = replies.Where(reply => (int)reply.StatusCode == status).ToList();
        var bodies = await Task.WhenAll(done.Select(reply => reply.Content.ReadAsStringAsync(Cancel)));
        Assert.Single(bodies.Distinct(StringComparer.Ordinal));
        Assert.Single(done.Select(Position).Distinct());
        foreach (var other in replies.Except(done))
        {
            await other.Problem(409, "idempotency.under-way");
            Assert.NotNull(other.Headers.RetryAfter);
        }
    }

    private static long Position(HttpResponseMessage reply) =>
        reply.Headers.TryGetValues("Event-Position", out var values) ? long.Parse(values.Single(), CultureInfo.InvariantCulture) : 0;

    private static Task<HttpResponseMessage> Send(Person who, string key, HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return who.Http.SendAsync(request, Cancel);
    }

    private static HttpRequestMessage Json(string path, object body) =>
        new(HttpMethod.Post, path) { Content = JsonContent.Create(body) };

    // Each form has a boundary of its own, as with a client that is asked to try again.
    private static HttpRequestMessage Form(string name, byte[] content, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var field in fields)
            form.Add(new StringContent(field.Value), field.Name);
        form.Add(new ByteArrayContent(content), "file", name);
        return new(HttpMethod.Post, "api/upload") { Content = form };
    }
}
