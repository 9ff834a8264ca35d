using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>What encryption costs: the product against itself without it, 100 MiB up and down.</summary>
internal static class Encrypted
{
    private const int FileBytes = 100 << 20;
    private const int DownloadsPerTurn = 4;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var (product, plain) = (await arena.Product(cancel), await arena.PlainProduct(cancel));
        var (token, plainToken) = ((await Uploads.SignUp(product.Address, 1, cancel))[0], (await Uploads.SignUp(plain.Address, 1, cancel))[0]);
        return new Prepared(
            new Contest(
                "MiB/s",
                [
                    await LargeUpload.Sending("up, plain", plain, "/api/upload", plainToken, cancel),
                    await LargeUpload.Sending("up, encrypted", product, "/api/upload", token, cancel),
                    await Receiving("down, plain", plain, plainToken, cancel),
                    await Receiving("down, encrypted", product, token, cancel),
                ],
                [
                    new Goal("encrypted upload of 100 MiB", "up, encrypted", "up, plain", 0.7),
                    new Goal("encrypted download of 100 MiB", "down, encrypted", "down, plain", 0.7),
                ]),
            _ => Task.CompletedTask);
    }

    private static async Task<Contestant> Receiving(string name, Launched server, string token, CancellationToken cancel)
    {
        var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var content = new byte[FileBytes];
        Random.Shared.NextBytes(content);
        using var part = new ByteArrayContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { part, "file", "down.bin" } };
        var reply = (await http.PostAsync("api/upload", form, cancel)).EnsureSuccessStatusCode();
        var file = (await reply.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("file").GetProperty("id").GetGuid();
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
}
