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
