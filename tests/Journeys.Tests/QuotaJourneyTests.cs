using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public sealed class QuotaJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Sixty_four_at_once_never_exceed_the_limit_by_a_byte()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await (await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 20_000 })).Expect(200);

        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => olga.Upload($"{n}.bin", [(byte)n, .. new byte[999]])));

        Assert.Equal(20, replies.Count(reply => (int)reply.StatusCode == 202));
        foreach (var refused in replies.Where(reply => (int)reply.StatusCode != 202))
            await refused.Problem(507, "quota.exceeded");
        Assert.Equal((20_000, 0, 20), await olga.Quota());
        await Explained(olga, 20_000);
    }

    [Fact]
    public async Task An_upload_in_flight_counts_before_its_bytes_come()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await (await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 1000 })).Expect(200);

        var upload = await Tus.Create(olga, 700, "half.bin");
        await upload.Expect(201);
        Assert.Equal((0, 700, 0), await olga.Quota());
        await (await olga.Upload("other.bin", new byte[301])).Problem(507, "quota.exceeded");
        await (await olga.Upload("other.bin", new byte[300])).Expect(202);

        await (await Tus.Send(olga, HttpMethod.Delete, upload.Headers.Location!)).Expect(204);
        Assert.Equal((300, 0, 1), await olga.Quota());
        await Explained(olga, 300);
    }

    [Fact]
    public async Task Only_an_administrator_sets_limits()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await (await olga.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 1 })).Problem(403, "quota.administrators-only");
        await (await fixture.Administrator.Put($"api/admin/accounts/{Guid.CreateVersion7()}/quota", new { limitBytes = 1 }))
            .Problem(404, "quota.no-such-account");
    }

    [Fact]
    public async Task What_an_account_may_not_have_is_refused_at_the_beginning_and_nothing_of_it_is_stored()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await fixture.Administrator.Put(
            $"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 100_000, softLimitBytes = 50_000, maxFiles = 2, maxFileBytes = 1000 }).Expect(200);

        await (await Tus.Create(olga, 1001, "large.bin")).Problem(413, "quota.file-too-large");
        await (await olga.Upload("large.bin", new byte[1001])).Problem(413, "quota.file-too-large");
        Assert.Equal((0, 0, 0), await olga.Quota());
        var file = await olga.Keep("one.bin", new byte[1000]);
        await olga.Keep("two.bin", new byte[999]);
        await (await Tus.Create(olga, 5, "three.bin")).Problem(413, "quota.too-many-files");
        await (await olga.Upload("three.bin", new byte[5])).Problem(507, "quota.too-many-files");
        // Its bytes are there already and would take up nothing; it would be a file nevertheless.
        await (await olga.Upload("three.bin", new byte[1000])).Problem(507, "quota.too-many-files");
        await olga.Post($"api/files/{file}/copy").Problem(507, "quota.too-many-files");
        await (await olga.Upload("one.bin", new byte[7], null, ("onConflict", "newVersion"))).Expect(202);
        Assert.Equal((2006, 0, 2), await olga.Quota());
        Assert.Equal(2, (await olga.Read("api/folders/root/children?limit=10")).GetProperty("items").GetArrayLength());

        // All of it is said anew: what is not named is no limit any more.
        await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 100_000, softLimitBytes = 100_001 })
            .Problem(422, "quota.soft-above-limit");
        await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 100_000 }).Expect(200);
        await (await olga.Upload("three.bin", new byte[1001])).Expect(202);
    }

    [Fact]
    public async Task Sixty_four_at_once_never_become_one_file_too_many()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 1 << 20, maxFiles = 20 }).Expect(200);
        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => olga.Upload($"{n}.bin", [(byte)n, .. new byte[99]])));
        Assert.Equal(20, replies.Count(reply => (int)reply.StatusCode == 202));
        foreach (var refused in replies.Where(reply => (int)reply.StatusCode != 202))
            await refused.Problem(507, "quota.too-many-files");
        Assert.Equal((2000, 0, 20), await olga.Quota());
    }

    [Fact]
    public async Task Whoever_comes_near_their_limit_is_told_once_each_time_by_mail_and_by_every_figure()
    {
        await using var post = await MailServer.Start();
        await using var server = await Server.Start(
            null, ("SMTP_URL", post.Url), ("MAIL_FROM", "EventFiles <files@example.org>"), ("PUBLIC_URL", "https://files.example.org"),
            ("SSL_CERT_FILE", post.Certificate));
        using var ada = await Person.Register(server.Address, "Ada");
        await ada.Http.PostAsJsonAsync("api/auth/email/confirm", new { token = await post.NextToken(ada.Email, "confirm") }).Expect(204);
        await ada.Put($"api/admin/accounts/{ada.Id}/quota", new { limitBytes = 1000, softLimitBytes = 900 }).Expect(200);

        await ada.Keep("a.bin", Filled(1, 799));
        Assert.Equal(0, (await ada.Read("api/quota")).GetProperty("warnedPercent").GetInt32());
        var file = await ada.Keep("b.bin", Filled(2, 20));
        Assert.Equal(80, (await ada.Read("api/quota")).GetProperty("warnedPercent").GetInt32());
        Assert.Contains("80 %", await post.Next(ada.Email), StringComparison.Ordinal);
        await ada.Keep("c.bin", Filled(3, 50));
        await ada.Delete($"api/files/{file}?permanent=true").Expect(202);
        await ada.Keep("d.bin", Filled(4, 110));
        var space = await ada.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 959);
        Assert.Equal(95, space.GetProperty("warnedPercent").GetInt32());
        Assert.InRange(space.GetProperty("graceUntil").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddDays(13), DateTimeOffset.UtcNow.AddDays(14));
        var told = new[] { await post.Next(ada.Email), await post.Next(ada.Email) };
        Assert.Contains(told, text => text.Contains("95 %", StringComparison.Ordinal));
        Assert.Contains(told, text => text.Contains("soft limit", StringComparison.Ordinal));

        var events = (await ada.Read("api/quota/explain?limit=1000")).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("what").GetString()).ToList();
        Assert.Equal((2, 1), (events.Count(what => what == "levelReached"), events.Count(what => what == "softLimitPassed")));
        Assert.Equal(0, post.Left);
        var listed = (await ada.Read("api/admin/quotas?warned=true")).GetProperty("items").EnumerateArray().Single();
        Assert.Equal((ada.Id, 959), (listed.GetProperty("account").GetGuid(), listed.GetProperty("usedBytes").GetInt64()));
        Assert.Equal(listed.ToString(), (await ada.Read($"api/admin/accounts/{ada.Id}/quota")).ToString());
        using var client = await FilesClient.SignedIn(server.Address, ada);
        Assert.Equal(95, Assert.Single(await client.Json("quota")).GetProperty("warnedPercent").GetInt32());
    }

    private static byte[] Filled(byte with, int size)
    {
        var content = new byte[size];
        Array.Fill(content, with);
        return content;
    }

    // The figure is the sum of the events that explain it.
    private static async Task Explained(Person person, long used)
    {
        var entries = (await person.Read("api/quota/explain?limit=1000")).GetProperty("items").EnumerateArray().ToList();
        long Sum(string what) => entries.Where(entry => entry.GetProperty("what").GetString() == what)
            .Sum(entry => entry.GetProperty("bytes").GetInt64());
        Assert.Equal(used, Sum("charged") - Sum("freed"));
        Assert.Equal(used, entries[^1].GetProperty("after").GetProperty("usedBytes").GetInt64());
    }
}
