using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>An auditor sees what happened and what was refused, to whom and from where, and no content.</summary>
public sealed class AuditJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task What_is_refused_is_in_the_log_once_with_who_when_and_from_where()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var ada = await Auditor();
        var file = await olga.Keep("plan.txt", [1, 2, 3]);
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201);
        for (var times = 0; times < 20; times++)
            await ravi.Delete($"api/files/{file}").Problem(403, "files.not-allowed");
        await ravi.Get($"api/files/{file}").Expect(200);

        // Told behind the request, and in turn: when this one is there, so is all that came before.
        await ravi.Delete($"api/files/{file}?permanent=true").Problem(403, "files.not-allowed");
        var refused = await Found(ada, $"file={file}&outcome=refused", 2);
        var no = refused[0];
        Assert.Equal(2, refused.Select(one => Text(one.GetProperty("details"), "request")).Distinct().Count());
        Assert.Equal(("audit.refused.v1", "api", ravi.Id), (Text(no, "what"), Text(no, "via"), no.GetProperty("actor").Id()));
        Assert.Equal("files.not-allowed", Text(no.GetProperty("details"), "code"));
        Assert.Contains(Text(no.GetProperty("details"), "address"), (string[])["127.0.0.1", "0000000000000000"]);
        Assert.Matches("^[0-9a-f]{32}$", Text(no, "correlationId")!);
        // What was done stands there by itself and once.
        var done = await Found(ada, $"file={file}&outcome=done&actor={olga.Id}&kind=share.granted", 1);
        Assert.Equal("done", Text(Assert.Single(done), "outcome"));
        Assert.Equal(Text(done[0], "correlationId"), Text((await Found(ada, $"correlation={Text(done[0], "correlationId")}", 1))[0], "correlationId"));
        // The owner learns nothing of who tried: that is an auditor's.
        Assert.DoesNotContain("audit.", (await olga.Read($"api/files/{file}/history")).GetRawText(), StringComparison.Ordinal);
        // An auditor opens no content by it.
        await ada.Get($"api/files/{file}/content").Expect(404);
    }

    [Fact]
    public async Task Sign_ins_that_fail_are_in_the_log_and_what_was_typed_is_not()
    {
        using var olga = await Somebody("Olga");
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        using var ada = await Auditor();
        foreach (var password in new[] { "guess one", "guess two" })
            await nobody.PostAsJsonAsync("api/auth/login", new { email = olga.Email.ToUpperInvariant(), password }).Problem(401, "accounts.wrong-credentials");
        var typed = $"typed-{Guid.NewGuid():n}@example.org";
        await nobody.PostAsJsonAsync("api/auth/login", new { email = typed, password = "guess" }).Problem(401, "accounts.wrong-credentials");

        var failed = (await Found(ada, $"person={olga.Id}&outcome=refused", 1))[0];
        Assert.Equal(("Login", JsonValueKind.Null), (Text(failed.GetProperty("details"), "request"), failed.GetProperty("actor").ValueKind));
        Assert.Equal(olga.Id, failed.GetProperty("details").GetProperty("onAccount").GetGuid());
        // The sign-ins that did not fail are there as their own events.
        var opened = (await Found(ada, $"person={olga.Id}&kind=accounts.session-opened", 1))[0];
        Assert.Equal(Text(failed.GetProperty("details"), "address"), Text(opened.GetProperty("details"), "address"));
        var strangers = await Found(ada, $"stream=refused-{Guid.Empty}", 1);
        Assert.DoesNotContain(typed, string.Concat(strangers), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("guess", string.Concat(strangers), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_was_done_bears_from_where_and_each_address_is_noted_once()
    {
        using var olga = await Somebody("Olga");
        using var ada = await Auditor();
        using var travelling = From("127.0.0.2", olga);
        using var looking = From("127.0.0.3", olga);
        await olga.Post("api/folders", new { name = "At home" }).Expect(201);
        await travelling.PostAsJsonAsync("api/folders", new { name = "On the way" }).Expect(201);
        await looking.GetAsync("api/folders/root/children").Expect(200);
        await olga.Post("api/folders", new { name = "At home again" }).Expect(201);

        var made = await Found(ada, $"actor={olga.Id}&kind=folders.created", 3);
        Assert.Equal(["127.0.0.1", "127.0.0.2", "127.0.0.1"], made.Select(one => Text(one, "address")));
        var noted = await Found(ada, $"actor={olga.Id}&kind=audit.address-noted", 2);
        Assert.Equal(["127.0.0.1", "127.0.0.2"], noted.Select(one => Text(one.GetProperty("details"), "address")));
        // The file that is taken along has it too.
        var line = (await (await ada.Get($"api/audit/export?format=csv&correlation={Text(made[1], "correlationId")}").Expect(200)).Content.ReadAsStringAsync())
            .Split("\r\n").Single(one => one.Contains("folders.created", StringComparison.Ordinal));
        Assert.EndsWith(",\"127.0.0.2\",\"\"", line, StringComparison.Ordinal); // In nobody's space.
    }

    [Fact]
    public async Task A_token_that_was_not_made_for_it_is_refused_and_that_is_in_the_log()
    {
        using var olga = await Somebody("Olga");
        using var ada = await Auditor();
        var token = Text(await olga.Post("api/auth/tokens", new { name = "reader", scopes = new[] { "read" } }).Expect(201).Json(), "token");
        using var program = new HttpClient { BaseAddress = fixture.Server.Address, DefaultRequestHeaders = { Authorization = new("Bearer", token) } };
        await program.PostAsJsonAsync("api/folders", new { name = "New" }).Problem(403, "accounts.scope-missing");
        var no = (await Found(ada, $"actor={olga.Id}&outcome=refused", 1))[0];
        Assert.Equal(("createFolder", "accounts.scope-missing"), (Text(no.GetProperty("details"), "request"), Text(no.GetProperty("details"), "code")));
    }

    [Fact]
    public async Task From_a_variant_a_deletion_and_a_mail_one_comes_back_to_the_command()
    {
        using var olga = await Somebody("Olga");
        using var ada = await Auditor();
        var picture = (await olga.Upload("dusk.jpg", Samples.Picture).Expect(202).Json()).GetProperty("file").Id();
        await olga.Settled(picture);
        await olga.Delete($"api/files/{picture}?permanent=true").Expect(202);

        var variant = await Command(ada, $"file={picture}&kind=process.step-succeeded");
        Assert.Equal(("ReceiveFile", "api", olga.Id), (Text(variant, "request"), Text(variant, "via"), variant.GetProperty("actor").Id()));
        var purged = await Command(ada, $"file={picture}&kind=delete.purged");
        Assert.Equal(("DeleteFile", olga.Id), (Text(purged, "request"), purged.GetProperty("actor").Id()));
        Assert.NotEqual(Text(variant, "correlationId"), Text(purged, "correlationId"));
        await fixture.Administrator.Post("api/admin/invitations", new { email = $"guest-{Guid.NewGuid():n}@example.org" }).Expect(201);
        var mail = await Command(ada, $"actor={fixture.Administrator.Id}&kind=accounts.invited");
        Assert.Equal(("InvitePerson", "api"), (Text(mail, "request"), Text(mail, "via")));
        await ada.Get($"api/audit/events/{Guid.NewGuid()}/causes").Problem(404, "audit.no-such-event");
    }

    [Fact]
    public async Task What_is_taken_along_is_whole_opens_as_no_formula_and_stands_in_the_log()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ada = await Auditor();
        await olga.Patch("api/me", new { displayName = "=HYPERLINK(\"http://example.org\")" }).Expect(200);
        var file = await olga.Keep("plan.txt", [1]);
        var events = await Found(ada, $"file={file}", 1);
        var lines = (await ada.Http.GetStringAsync($"api/audit/export?file={file}&asOf={events[^1].GetProperty("position")}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(events.Select(one => one.GetProperty("eventId").GetGuid()), lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("eventId").GetGuid()));

        using var csv = await ada.Get($"api/audit/export?file={file}&format=csv").Expect(200);
        Assert.Equal(("text/csv", "attachment"), (csv.Content.Headers.ContentType!.MediaType, csv.Content.Headers.ContentDisposition!.DispositionType));
        var text = await csv.Content.ReadAsStringAsync();
        Assert.StartsWith("\"position\",\"at\",", text, StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"=", text.Replace("\"\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var taken = await Found(ada, $"actor={ada.Id}&kind=audit.exported", 2);
        Assert.Contains($"file={file}", Text(taken[^1].GetProperty("details"), "asked"), StringComparison.Ordinal);
        await olga.Get("api/audit/export").Problem(403, "audit.auditors-only");
        await ada.Get("api/audit/events?kind=%27%3Bdrop").Problem(422, "validation");
        await ada.Get("api/audit/events?outcome=1").Problem(422, "validation");
        await ada.Get("api/audit/export?format=xml").Problem(422, "validation");
        await ada.Get("api/audit/events?cursor=x").Problem(400, "bad-cursor");
        await ada.Get("api/audit/events?asOf=tomorrow").Problem(400, "past.unreadable");
    }

    private static async Task<JsonElement> Command(Person ada, string query)
    {
        var fact = (await Found(ada, query, 1))[^1].GetProperty("eventId").GetGuid();
        var causes = await ada.Read($"api/audit/events/{fact}/causes");
        Assert.Equal(fact, causes.GetProperty("steps")[0].GetProperty("eventId").GetGuid());
        return causes.GetProperty("command");
    }

    // What was refused comes into the log a moment later.
    private static async Task<List<JsonElement>> Found(Person ada, string query, int atLeast)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(100))
        {
            var all = new List<JsonElement>();
            var cursor = default(string);
            do
            {
                var page = await ada.Read($"api/audit/events?{query}&limit=1000{(cursor is null ? "" : $"&cursor={cursor}")}");
                all.AddRange(page.GetProperty("items").EnumerateArray());
                cursor = Text(page, "nextCursor");
            }
            while (cursor is not null);
            if (all.Count >= atLeast)
                return all;
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(3), $"{query} finds {all.Count}, not {atLeast}.");
        }
    }

    private static string? Text(JsonElement from, string name) => from.GetProperty(name).GetString();

    // The machine's own network is all of 127.
    private HttpClient From(string address, Person person)
    {
        var way = new SocketsHttpHandler
        {
            ConnectCallback = async (to, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(to.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(way)
        {
            BaseAddress = fixture.Server.Address,
            DefaultRequestHeaders = { Authorization = person.Http.DefaultRequestHeaders.Authorization },
        };
    }

    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);

    private async Task<Person> Auditor()
    {
        var ada = await Somebody("Ada");
        await fixture.Administrator.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        return ada;
    }
}
