using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;

namespace EventFiles.Bench;

/// <summary>
/// What somebody may do with a hundred files at once, where nodes share their views: by a folder that was shared with them,
/// against the same hundred views fetched by one command of Redis.
/// </summary>
internal static class SharedChecks
{
    private const int Batch = 100;
    private const int BatchesPerSecond = 500;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var product = await arena.ProductInRedis(cancel);
        var (reader, files) = await Share(product.Address, cancel);
        var request = Request(reader, JsonSerializer.Serialize(new { checks = files.Select(file => new { fileId = file, action = "read" }) }));
        var bare = await arena.BareRedis(cancel);
        // The bare reader fetches the very same views.
        var views = ((RedisKey[])(await bare.GetDatabase().ExecuteAsync("KEYS", "*:{access}:?:views"))!).Single();
        RedisValue[] fields = [.. files.Select(file => (RedisValue)file.ToString())];
        var wires = new Wire[Load.AtOnce];
        for (var worker = 0; worker < wires.Length; worker++)
            wires[worker] = await Wire.Connect(product.Address, cancel);
        var (idle, times) = (new ConcurrentBag<Wire>(), new Times());

        return new Prepared(
            new Contest(
                "checks/s",
                [
                    new("multi-get", async (time, stop) => Batch * await Load.Run(
                        Load.AtOnce, time,
                        async _ =>
                        {
                            if ((await bare.GetDatabase().HashGetAsync(views, fields)).Any(value => value.IsNull))
                                throw new BenchException("A view is missing.");
                        },
                        stop))
                    {
                        IsHere = true,
                        Processes = [arena.RedisId],
                    },
                    new("checks", async (time, stop) => Batch * await Load.Run(
                        wires.Length, time, async worker => Judge(await wires[worker].Send(request, stop)), stop))
                    {
                        Processes = [product.Id, arena.RedisId],
                    },
                    new("checks, paced", async (time, stop) => Batch * await Load.Paced(BatchesPerSecond, time, number => Paced(stop), stop))
                    {
                        Processes = [product.Id, arena.RedisId],
                        Times = times,
                    },
                ],
                [
                    new Goal("permission checks in Redis, 100 at once", "checks", "multi-get", null) { LeastRate = 50_000 },
                    new TimeGoal(
                        string.Create(CultureInfo.InvariantCulture, $"the same at {BatchesPerSecond * Batch:N0}/s, p99 in ms"), "checks, paced", 0.99,
                        AtMostMilliseconds: 10),
                ]),
            _ =>
            {
                bare.Dispose();
                return Task.CompletedTask;
            });

        async Task Paced(CancellationToken stop)
        {
            var begun = Stopwatch.GetTimestamp();
            if (!idle.TryTake(out var wire))
                wire = await Wire.Connect(product.Address, stop);
            Judge(await wire.Send(request, stop));
            idle.Add(wire);
            times.Add(Stopwatch.GetElapsedTime(begun));
        }
    }

    private static void Judge(Reply reply)
    {
        // Each is allowed, or what is counted is not what is meant.
        if (reply.OrFail().Body.Span.Count("\"allowed\":true"u8) != Batch)
            throw new BenchException("A check was answered wrongly.");
    }

    private static byte[] Request(string token, string body) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"POST /api/permissions/check HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

    private static async Task<(string Reader, IReadOnlyList<Guid> Files)> Share(Uri server, CancellationToken cancel)
    {
        var tokens = await Uploads.SignUp(server, 2, cancel);
        var readerId = (await Ask(tokens[1], http => http.GetAsync("api/me", cancel))).GetProperty("id").GetGuid();
        var folder = (await Ask(tokens[0], http => http.PostAsJsonAsync("api/folders", new { name = "Shared" }, cancel))).GetProperty("id").GetGuid();
        await Ask(tokens[0], http => http.PostAsJsonAsync($"api/folders/{folder}/shares", new { grantee = readerId, role = "viewer" }, cancel));
        var files = new List<Guid>();
        for (var file = 0; file < Batch; file++)
        {
            using var part = new ByteArrayContent(Guid.NewGuid().ToByteArray());
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using var place = new StringContent(folder.ToString());
            using var form = new MultipartFormDataContent { { place, "folderId" }, { part, "file", $"{file}.bin" } };
            files.Add((await Ask(tokens[0], http => http.PostAsync("api/upload", form, cancel))).GetProperty("file").GetProperty("id").GetGuid());
        }

        return (tokens[1], files);

        async Task<JsonElement> Ask(string token, Func<HttpClient, Task<HttpResponseMessage>> ask)
        {
            using var http = new HttpClient { BaseAddress = server };
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
            using var reply = (await ask(http)).EnsureSuccessStatusCode();
            return await reply.Content.ReadFromJsonAsync<JsonElement>(cancel);
        }
    }
}
