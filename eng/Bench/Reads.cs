using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>What is asked most often: bytes of a file, what a file is, and who may.</summary>
internal static class Reads
{
    private const int FileBytes = 10 * 1024;
    private const int Batch = 100;

    public static async Task<Prepared> PrepareDownloads(Arena arena, CancellationToken cancel)
    {
        var (limit, product) = (await arena.Limit(cancel), await arena.Product(cancel));
        var (token, file) = await OneFile(product.Address, cancel);
        await File.WriteAllBytesAsync(Path.Combine(arena.Folder, "limit", "served"), new byte[FileBytes], cancel);
        return new Prepared(
            new Contest(
                "downloads/s",
                [
                    await Asking("SendFile", limit, "GET /file", null, null, 1, FileBytes, cancel),
                    await Asking("product", product, $"GET /api/files/{file}/content", token, null, 1, FileBytes, cancel),
                ],
                [new Goal("authorised download of 10 KiB", "product", "SendFile", 0.55)]),
            _ => Task.CompletedTask);
    }

    public static async Task<Prepared> PreparePermissions(Arena arena, CancellationToken cancel)
    {
        var (limit, product) = (await arena.Limit(cancel), await arena.Product(cancel));
        var (token, file) = await OneFile(product.Address, cancel);
        return new Prepared(
            new Contest(
                "answers/s",
                [
                    await Asking("GET JSON", limit, "GET /json", null, null, 1, 0, cancel),
                    await Asking("one check", product, "POST /api/permissions/check", token, Checks(file, 1), 1, 0, cancel),
                    await Asking("100 checks", product, "POST /api/permissions/check", token, Checks(file, Batch), Batch, 0, cancel),
                    await Asking("GET file", product, $"GET /api/files/{file}", token, null, 1, 0, cancel),
                ],
                [
                    new Goal("permission check over HTTP", "one check", "GET JSON", 0.75),
                    new Goal("permission checks, 100 at once", "100 checks", "one check", null),
                    new Goal("read of a file's view", "GET file", "GET JSON", 0.5),
                ]),
            _ => Task.CompletedTask);
    }

    /// <summary>The same request again and again.</summary>
    internal static async Task<Contestant> Asking(
        string name, Launched server, string what, string? token, string? body, int operations, int bytes, CancellationToken cancel)
    {
        var request = Encoding.ASCII.GetBytes(
            $"{what} HTTP/1.1\r\nHost: bench\r\n" + (token is null ? "" : $"Authorization: Bearer {token}\r\n")
            + (body is null ? "\r\n" : string.Create(
                CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}")));
        var wires = new Wire[Load.AtOnce];
        for (var worker = 0; worker < wires.Length; worker++)
            wires[worker] = await Wire.Connect(server.Address, cancel);
        return new Contestant(name, async (time, stop) => operations * await Load.Run(
            wires.Length, time,
            async worker =>
            {
                var reply = (await wires[worker].Send(request, stop)).OrFail();
                if (bytes > 0 && reply.Body.Length != bytes)
                    throw new BenchException($"{what} answered {reply.Body.Length} bytes.");
            },
            stop))
        {
            Processes = [server.Id],
        };
    }

    private static async Task<(string Token, Guid File)> OneFile(Uri server, CancellationToken cancel)
    {
        var token = (await Uploads.SignUp(server, 1, cancel))[0];
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var content = new byte[FileBytes];
        Random.Shared.NextBytes(content);
        using var part = new ByteArrayContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { part, "file", "read.bin" } };
        var reply = (await http.PostAsync("api/upload", form, cancel)).EnsureSuccessStatusCode();
        return (token, (await reply.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("file").GetProperty("id").GetGuid());
    }

    private static string Checks(Guid file, int count) => JsonSerializer.Serialize(new
    {
        checks = Enumerable.Range(0, count).Select(_ => new { fileId = file, action = "read" }),
    });
}
