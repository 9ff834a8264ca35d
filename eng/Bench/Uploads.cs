using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>Small files, durable and in the log before the answer, against a program that only makes durable.</summary>
internal sealed class Uploads(Arena arena, Uri product)
{
    private const int FileBytes = 10 * 1024;
    private const int SampleEvery = 200;
    private const int UniqueDigits = 16;

    private readonly List<(string Token, Guid File, string Sha256)> samples = [];
    private readonly List<string> tokens = [];
    private long stored;
    private long names;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var (limit, product) = (await arena.Limit(cancel), await arena.Product(cancel));
        var uploads = new Uploads(arena, product.Address);
        await uploads.SignUp(cancel);

        int[] limitProcesses = [limit.Id, arena.PostgresId];
        int[] productProcesses = [product.Id];
        var form = await Requests(limit.Address, uploads.tokens, Form, cancel);
        var many = await Requests(product.Address, uploads.tokens, Form, cancel);
        var one = await Requests(product.Address, uploads.tokens[..1], Form, cancel);
        var tus = await Requests(product.Address, uploads.tokens, Tus, cancel);
        var files = await arena.NewFolder("bare");
        var commits = LimitServer.Database(await arena.Postgres(cancel));
        var contest = new Contest(
            "uploads/s",
            [
                new("bare commits", (time, stop) => Load.Run(
                    Load.AtOnce, time,
                    async _ => await LimitServer.Commit(commits, Guid.CreateVersion7(), "", FileBytes, stop), stop))
                {
                    Processes = [arena.PostgresId], IsHere = true,
                },
                new("bare create + fsync", (time, stop) => uploads.BareFiles(files, time, stop)) { IsHere = true },
                new("limit program", (time, stop) => uploads.Send(form, isProduct: false, time, stop)) { Processes = limitProcesses },
                new("32 accounts", (time, stop) => uploads.Send(many, isProduct: true, time, stop)) { Processes = productProcesses },
                new("one account", (time, stop) => uploads.Send(one, isProduct: true, time, stop)) { Processes = productProcesses },
                new("tus, 32 accounts", (time, stop) => uploads.Send(tus, isProduct: true, time, stop)) { Processes = productProcesses },
            ],
            [
                new("upload 10 KiB, 32 accounts", "32 accounts", "limit program", 0.6),
                new("upload 10 KiB, one account", "one account", "limit program", 0.6),
                new("tus creation-with-upload 10 KiB", "tus, 32 accounts", "limit program", 0.6),
                new("limit program of bare commits", "limit program", "bare commits", null),
                new("limit program of create + fsync", "limit program", "bare create + fsync", null),
            ])
        {
            WarmUp = TimeSpan.FromSeconds(3),
        };
        return new Prepared(contest, uploads.Verify);
    }

    /// <summary>As many accounts as requests at once, signed in.</summary>
    public static async Task<List<string>> SignUp(Uri server, int accounts, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = server };
        var all = new List<string>();
        for (var account = 0; account < accounts; account++)
        {
            var (email, password) = ($"bench-{Guid.NewGuid():n}@example.org", $"{Guid.NewGuid():n}");
            (await http.PostAsJsonAsync("api/auth/register", new { email, password, displayName = "Bench" }, cancel)).EnsureSuccessStatusCode();
            var login = (await http.PostAsJsonAsync("api/auth/login", new { email, password }, cancel)).EnsureSuccessStatusCode();
            all.Add((await login.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("accessToken").GetString()!);
        }

        return all;
    }

    private async Task SignUp(CancellationToken cancel) => tokens.AddRange(await SignUp(product, Load.AtOnce, cancel));

    private static async Task<Sender[]> Requests(
        Uri server, List<string> by, Func<string, byte[], Template> template, CancellationToken cancel)
    {
        var senders = new Sender[Load.AtOnce];
        for (var worker = 0; worker < senders.Length; worker++)
        {
            var payload = new byte[FileBytes];
            Random.Shared.NextBytes(payload);
            var token = by[worker % by.Count];
            senders[worker] = new Sender(await Wire.Connect(server, cancel), token, template(token, payload));
        }

        return senders;
    }

    private Task<double> Send(Sender[] senders, bool isProduct, TimeSpan time, CancellationToken cancel) => Load.Run(
        senders.Length, time,
        async worker =>
        {
            var (wire, token, template) = senders[worker];
            var number = Interlocked.Increment(ref names);
            template.Number(number);
            var reply = (await wire.Send(template.Request, cancel)).OrFail();
            if (!isProduct)
                return;
            Interlocked.Increment(ref stored);
            if (number % SampleEvery == 0)
            {
                var file = template.FileOf(reply);
                lock (samples)
                    samples.Add((token, file, Convert.ToHexStringLower(SHA256.HashData(template.Content.Span))));
            }
        },
        cancel);

    private Task<double> BareFiles(string folder, TimeSpan time, CancellationToken cancel)
    {
        var content = new byte[FileBytes];
        return Load.Run(
            4, time,
            _ =>
            {
                Durable(Path.Combine(folder, Interlocked.Increment(ref names).ToString(CultureInfo.InvariantCulture)), content);
                return ValueTask.CompletedTask;
            },
            cancel);
    }

    private static void Durable(string path, byte[] content)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, System.IO.FileAccess.Write);
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
    }

    // Speed counts only for what is really there: bytes by their digest, and one fact for each yes.
    private async Task Verify(CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = product };
        foreach (var (token, file, sha256) in samples)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content");
            ask.Headers.Authorization = new("Bearer", token);
            using var reply = await http.SendAsync(ask, cancel);
            var read = Convert.ToHexStringLower(SHA256.HashData(await reply.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel)));
            if (read != sha256)
                throw new BenchException($"The file {file} is not what was uploaded.");
        }

        var completed = await arena.EventsOf("upload.completed.v1", cancel);
        if (samples.Count == 0 || completed != stored)
            throw new BenchException($"{stored} uploads were answered with yes, and the log holds {completed} ({samples.Count} files were read back).");
    }

    private static Template Form(string token, byte[] payload)
    {
        const string Boundary = "7MA4YWxkTrZu0gW";
        var before = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f-{new string('0', UniqueDigits)}.bin\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n";
        var after = $"\r\n--{Boundary}--\r\n";
        var head = $"POST /api/upload HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            + $"Content-Type: multipart/form-data; boundary={Boundary}\r\n"
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {before.Length + payload.Length + after.Length}\r\n\r\n");
        return new Template(head + before, payload, after, reply =>
            JsonDocument.Parse(reply.Body).RootElement.GetProperty("file").GetProperty("id").GetGuid());
    }

    private static Template Tus(string token, byte[] payload)
    {
        var head = $"POST /api/uploads HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
            + $"Content-Type: application/offset+octet-stream\r\nUpload-Metadata: filename {Template.NoName}\r\n"
            + string.Create(CultureInfo.InvariantCulture, $"Upload-Length: {payload.Length}\r\nContent-Length: {payload.Length}\r\n\r\n");
        return new Template(head, payload, "", reply =>
            Guid.Parse(Wire.Header(reply.Head, "File-Id")!));
    }

    private sealed record Sender(Wire Wire, string Token, Template Template);

    /// <summary>A request of which only a number changes, in the file's name and at the beginning of its content.</summary>
    private sealed class Template
    {
        /// <summary>Stands where a number in base64 will: its digits are a multiple of three, so that nothing is padded.</summary>
        public static readonly string NoName = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('0', EncodedDigits)));

        private const int EncodedDigits = 15;

        private readonly bool isEncoded;
        private readonly int nameAt;
        private readonly int contentAt;
        private readonly int contentBytes;

        public Template(string before, byte[] payload, string after, Func<Reply, Guid> fileOf)
        {
            Request = [.. Encoding.ASCII.GetBytes(before), .. payload, .. Encoding.ASCII.GetBytes(after)];
            isEncoded = before.Contains(NoName, StringComparison.Ordinal);
            nameAt = before.IndexOf(isEncoded ? NoName : new string('0', UniqueDigits), StringComparison.Ordinal);
            (contentAt, contentBytes) = (before.Length, payload.Length);
            FileOf = fileOf;
        }

        public byte[] Request { get; }

        public Func<Reply, Guid> FileOf { get; }

        public ReadOnlyMemory<byte> Content => Request.AsMemory(contentAt, contentBytes);

        public void Number(long number)
        {
            var name = Request.AsSpan(nameAt, isEncoded ? EncodedDigits : UniqueDigits);
            number.TryFormat(name, out _, isEncoded ? "D15" : "D16", CultureInfo.InvariantCulture);
            if (isEncoded)
                Base64.EncodeToUtf8InPlace(Request.AsSpan(nameAt, NoName.Length), EncodedDigits, out _);
            number.TryFormat(Request.AsSpan(contentAt, UniqueDigits), out _, "D16", CultureInfo.InvariantCulture);
        }
    }
}
