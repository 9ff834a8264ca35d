using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>What compression costs whoever reads: a log of 32 MiB that is stored compressed, against the same size that is not.</summary>
internal static class Compressed
{
    private const int FileBytes = 32 << 20;
    private const int DownloadsPerTurn = 4;
    private const int RangesPerTurn = 400;
    private const int RangeBytes = 1000;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var product = await arena.Product(cancel);
        var token = (await Uploads.SignUp(product.Address, 1, cancel))[0];
        var http = new HttpClient { BaseAddress = product.Address, Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var noise = new byte[FileBytes];
        Random.Shared.NextBytes(noise);
        var (plain, small) = (await Upload(http, "plain.bin", noise, cancel), await Upload(http, "small.log", Log(), cancel));
        await Console.Out.WriteLineAsync(await Saved(http, cancel));
        return new Prepared(
            new Contest(
                "MiB/s",
                [
                    Whole("down, as it came", product, http, plain), Whole("down, compressed", product, http, small),
                    Ranges("ranges, as it came", product, http, plain), Ranges("ranges, compressed", product, http, small),
                ],
                [
                    new Goal("download of 32 MiB that is compressed", "down, compressed", "down, as it came", 0.3),
                    new Goal("range of 1,000 bytes of it", "ranges, compressed", "ranges, as it came", 0.3),
                ]),
            _ => Task.CompletedTask);
    }

    private static async Task<Guid> Upload(HttpClient http, string name, byte[] content, CancellationToken cancel)
    {
        using var part = new ByteArrayContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { part, "file", name } };
        var reply = (await http.PostAsync("api/upload", form, cancel)).EnsureSuccessStatusCode();
        return (await reply.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("file").GetProperty("id").GetGuid();
    }

    private static async Task<string> Saved(HttpClient http, CancellationToken cancel)
    {
        while (true)
        {
            var seen = (await http.GetFromJsonAsync<JsonElement>("api/quota/explain?limit=1", cancel)).GetProperty("breakdown").GetProperty("compressed");
            if (seen.GetProperty("objects").GetInt32() > 0)
                return $"compressed: {seen.GetProperty("plainBytes")} bytes in {seen.GetProperty("storedBytes")}";
            await Task.Delay(200, cancel);
        }
    }

    private static byte[] Log()
    {
        var (text, chance) = (new StringBuilder(FileBytes + 200), new Random(1));
        for (var line = 0; text.Length < FileBytes; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"2026-11-27T12:{line / 60 % 60:d2}:{line % 60:d2}Z INFO request {chance.Next():x8} GET /api/files/{chance.Next():x8} 200 in {chance.Next(900)} ms\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, FileBytes));
    }

    private static Contestant Whole(string name, Launched server, HttpClient http, Guid file)
    {
        var buffer = new byte[1 << 20];
        return new Contestant(name, async (_, stop) =>
        {
            for (var download = 0; download < DownloadsPerTurn; download++)
            {
                await using var body = await http.GetStreamAsync($"api/files/{file}/content", stop);
                var bytes = 0L;
                for (int read; (read = await body.ReadAsync(buffer, stop)) > 0;)
                    bytes += read;
                if (bytes != FileBytes)
                    throw new BenchException($"A download had {bytes} bytes.");
            }

            return DownloadsPerTurn * (FileBytes >> 20);
        })
        {
            Processes = [server.Id],
        };
    }

    // A range each counts as one of the unit.
    private static Contestant Ranges(string name, Launched server, HttpClient http, Guid file) => new(name, async (_, stop) =>
    {
        for (var range = 0; range < RangesPerTurn; range++)
        {
            var at = Random.Shared.Next(FileBytes - RangeBytes);
            using var ask = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Range = new RangeHeaderValue(at, at + RangeBytes - 1) } };
            using var reply = await http.SendAsync(ask, stop);
            if ((await reply.Content.ReadAsByteArrayAsync(stop)).Length != RangeBytes)
                throw new BenchException("A range had another length.");
        }

        return RangesPerTurn;
    })
    {
        Processes = [server.Id],
    };
}
