using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>A page out of the middle of a folder with 100,000 children, against the only page of one with a hundred.</summary>
internal static class Listing
{
    private const int Few = 100;
    private const int Many = 100_000;
    private const int LargestPage = 1000;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var product = await arena.Product(cancel);
        var token = (await Uploads.SignUp(product.Address, 1, cancel))[0];
        using var http = new HttpClient { BaseAddress = product.Address, Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var (small, large) = (await Fill(http, Few, cancel), await Fill(http, Many, cancel));
        var (byName, byTime) = (await Middle(http, large, "name", cancel), await Middle(http, large, "-modifiedAt", cancel));

        Task<Contestant> Page(string name, Guid folder, string sort, string? cursor) => Reads.Asking(
            name, product,
            $"GET /api/folders/{folder}/children?limit={Few}&sort={sort}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}",
            token, null, 1, 0, cancel);

        return new Prepared(
            new Contest(
                "pages/s",
                [
                    await Page("100 children", small, "name", null),
                    await Page("100 k, first page", large, "name", null),
                    await Page("100 k, middle by name", large, "name", byName),
                    await Page("100 k, middle by time", large, "-modifiedAt", byTime),
                ],
                [
                    new Goal("first page of a large folder", "100 k, first page", "100 children", 0.5),
                    new Goal("page in the middle, by name", "100 k, middle by name", "100 children", 0.5),
                    new Goal("page in the middle, by time", "100 k, middle by time", "100 children", 0.5),
                ]),
            async _ => await Counted(http, large, cancel));
    }

    private static async Task<Guid> Fill(HttpClient http, int children, CancellationToken cancel)
    {
        var folder = await Make(http, string.Create(CultureInfo.InvariantCulture, $"of {children}"), null, cancel);
        await Parallel.ForAsync(0, children, new ParallelOptions { MaxDegreeOfParallelism = Load.AtOnce, CancellationToken = cancel },
            async (number, stop) => await Make(http, string.Create(CultureInfo.InvariantCulture, $"Child {number}"), folder, stop));
        for (var tries = 0; (await Page(http, folder, null, cancel)).Items < Math.Min(children, LargestPage) && tries < 100; tries++)
            await Task.Delay(100, cancel);
        return folder;
    }

    private static async Task<Guid> Make(HttpClient http, string name, Guid? parentId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/folders") { Content = JsonContent.Create(new { name, parentId }) };
        request.Headers.Add("Prefer", "respond-async");
        using var reply = (await http.SendAsync(request, cancel)).EnsureSuccessStatusCode();
        return (await reply.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("id").GetGuid();
    }

    private static async Task<string> Middle(HttpClient http, Guid folder, string sort, CancellationToken cancel)
    {
        string? cursor = null;
        for (var page = 0; page < Many / LargestPage / 2; page++)
            cursor = (await Page(http, folder, cursor, cancel, sort)).Next ?? throw new BenchException("The large folder ends too early.");
        return cursor!;
    }

    private static async Task Counted(HttpClient http, Guid folder, CancellationToken cancel)
    {
        var (count, cursor) = (0, default(string));
        do
        {
            (var items, cursor) = await Page(http, folder, cursor, cancel);
            count += items;
        }
        while (cursor is not null);

        if (count != Many)
            throw new BenchException($"The large folder lists {count} children.");
    }

    private static async Task<(int Items, string? Next)> Page(
        HttpClient http, Guid folder, string? cursor, CancellationToken cancel, string sort = "name")
    {
        var page = await http.GetFromJsonAsync<JsonElement>(
            $"api/folders/{folder}/children?limit={LargestPage}&sort={sort}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", cancel);
        return (page.GetProperty("items").GetArrayLength(), page.GetProperty("nextCursor").GetString());
    }
}
