using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What is stored in all, as an operator is told.</summary>
public sealed class StoredTotalsJourneyTests
{
    [Fact]
    public async Task What_is_made_of_parts_is_counted_once_before_and_after()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var one = await Part(olga, ("Upload-Length", "6"));
        var other = await Part(olga, ("Upload-Defer-Length", "1"));
        await (await Tus.Patch(olga, one, 0, new byte[6])).Expect(204);
        Assert.Equal(((0, 0), (2, 6)), await Totals(server));
        await (await Tus.Patch(olga, other, 0, new byte[4], ("Upload-Length", "4"))).Expect(204);
        Assert.Equal(((0, 0), (2, 10)), await Totals(server));

        var file = await Join(olga, one, other);
        Assert.Equal(((1, 10), (0, 0)), await Totals(server));
        Assert.Equal(file, await Join(olga, one, other));
        Assert.Equal(((1, 10), (0, 0)), await Totals(server));

        await (await olga.Post($"api/files/{file}/versions/1/restore")).Expect(200);
        await (await Tus.Send(olga, HttpMethod.Delete, await Part(olga, ("Upload-Length", "3")))).Expect(204);
        Assert.Equal(((1, 10), (0, 0)), await Totals(server));
        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);
        Assert.Equal(((0, 0), (0, 0)), await Totals(server));
    }

    private static async Task<Uri> Part(Person by, (string, string) length) => (await (await Tus.Send(
        by, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), length, ("Upload-Concat", "partial"))).Expect(201)).Headers.Location!;

    private static async Task<string> Join(Person by, params Uri[] parts)
    {
        using var joined = await Tus.Send(
            by, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), ("Upload-Concat", $"final;{string.Join(' ', parts.Select(part => part.ToString()))}"));
        return Assert.Single((await joined.Expect(201)).Headers.GetValues("File-Id"));
    }

    private static async Task<((long, long) Originals, (long, long) InFlight)> Totals(Server server)
    {
        var (code, output, _) = await Server.Run("status", "--json", "--data", server.Data);
        Assert.Equal(0, code);
        var storage = JsonDocument.Parse(output).RootElement.GetProperty("storage");
        return (Stock("originals"), Stock("inFlight"));

        (long, long) Stock(string sort) =>
            (storage.GetProperty(sort).GetProperty("objects").GetInt64(), storage.GetProperty(sort).GetProperty("bytes").GetInt64());
    }
}
