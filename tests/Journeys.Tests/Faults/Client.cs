using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests.Faults;

/// <summary>What was acknowledged: from then on the file has these bytes, or is gone.</summary>
internal sealed record Promise(Guid File, string Sha256, long SizeBytes)
{
    /// <summary>The folder that it is in; null for the root.</summary>
    public Guid? Folder { get; init; }
}

/// <summary>
/// Somebody who uses everything at once and never gives up: a request without an answer, or with one that says "come
/// again", is sent again, as good clients do.
/// </summary>
internal sealed class Client(Person person, Random random)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(110);

    private readonly ConcurrentBag<Promise> kept = [];
    private readonly List<Guid> gone = [];
    private readonly List<Guid> erasures = [];
    private readonly List<Guid> endings = [];
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Person Person => person;

    public IReadOnlyCollection<Promise> Kept => kept;

    public IReadOnlyList<Guid> Gone => gone;

    /// <summary>Of files that must come to their end; these files are gone too.</summary>
    public IReadOnlyList<Guid> Erasures => erasures;

    /// <summary>Erasures of persons, which an administrator sees come to their end.</summary>
    public IReadOnlyList<Guid> Endings => endings;

    /// <summary>Completes when everything is under way.</summary>
    public Task Begun => begun.Task;

    /// <summary>Pictures, large files, resumable ones, text, the same again, a deletion and a rebuild, side by side.</summary>
    /// <param name="erases">Also the erasure of a file, which has all views built anew.</param>
    /// <param name="endsPerson">Also that of somebody else, who had shared something.</param>
    /// <param name="takesFolder">What is given by another is a folder, and not a file alone.</param>
    public async Task Work(Person administrator, bool erases = false, bool endsPerson = false, bool takesFolder = false)
    {
        // With something of its own behind its end: bytes that others have too would stay.
        var doomed = await Form("doomed.png", [.. Samples.Transparent, .. Bytes(16)], "image/png");
        var erased = erases ? await Form("erased.png", [.. Samples.Transparent, .. Bytes(17)], "image/png") : null;
        var all = Task.WhenAll(
            erased is null ? Task.CompletedTask : Erase(erased.File),
            endsPerson ? ErasePerson(administrator) : Task.CompletedTask,
            Keep(Form("Dusk.jpg", Samples.Picture, "image/jpeg")),
            Keep(Form("Flower.png", Samples.Transparent, "image/png")),
            Keep(Form("large.bin", Bytes(10 << 20), "application/octet-stream")),
            Keep(Resumable("resumable.bin", Bytes((19 << 20) + random.Next(1000)))),
            Keep(Resumable("picture.jpg", Samples.Picture)),
            Keep(Joined("joined.bin", Bytes(5 << 20))),
            Keep(Form("letter.txt", Text(400_000), "text/plain")),
            Keep(Twice(Text(90_000))),
            Keep(Anew("draft.bin", Bytes(70_000), Bytes(60_000))),
            Keep(Given(new Client(administrator, random), "gift.bin", Bytes(300_000), takesFolder)),
            Doom(doomed.File),
            Rebuild(administrator, "files"));
        begun.SetResult();
        await all;
    }

    /// <summary>The same bytes twice; what was stored of the first is lost before the second come.</summary>
    public async Task BringAgain(Func<Task> lose)
    {
        var bytes = Bytes(90_000);
        var first = await Form("first.bin", bytes, "application/octet-stream");
        kept.Add(first);
        await Until($"api/files/{first.File}/status", seen => seen.GetProperty("status").GetString() == "ready");
        await lose();
        await Keep(Form("second.bin", bytes, "application/octet-stream"));
    }

    /// <summary>Reads what must be the full right bytes.</summary>
    public async Task<string> Digest(Guid file) => Hex(await (await Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());

    public async Task<JsonElement> Read(string path) => await Get(path).Json();

    /// <summary>Reads until what is wanted stands there.</summary>
    public async Task Until(string path, Func<JsonElement, bool> wanted)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
        {
            var seen = await Read(path);
            if (wanted(seen))
                return;
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{path} still says {seen} after {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>Asks until it has one of these answers; any other but "come again" is a failure.</summary>
    public async Task<HttpResponseMessage> Send(Func<HttpRequestMessage> request, params HttpStatusCode[] answers)
    {
        using var patience = new CancellationTokenSource(Patience);
        var last = "nothing";
        while (true)
        {
            try
            {
                using var asked = request();
                var reply = await person.Http.SendAsync(asked, patience.Token);
                if (answers.Contains(reply.StatusCode))
                    return reply;
                last = $"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync(patience.Token)}";
                // A no is final: only "come again" and "somebody is at it" are not. "Something broke" is nobody's answer.
                if ((int)reply.StatusCode is not (503 or 409 or 423 or 429))
                    Assert.Fail($"{asked.Method} {asked.RequestUri}: {last}");
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or SocketException)
            {
                last = lost.Message;
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"No answer in {Patience.TotalSeconds} s; the last was {last}");
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }

    private Task<HttpResponseMessage> Get(string path) => Send(() => new HttpRequestMessage(HttpMethod.Get, path), HttpStatusCode.OK);

    private async Task Keep(Task<Promise> made) => kept.Add(await made);

    private async Task Doom(Guid file)
    {
        await Send(
            () => new HttpRequestMessage(HttpMethod.Delete, $"api/files/{file}?permanent=true"),
            HttpStatusCode.Accepted, HttpStatusCode.NotFound);
        gone.Add(file);
    }

    private async Task Erase(Guid file)
    {
        var key = $"{Guid.NewGuid()}";
        using var asked = await Send(
            () => new HttpRequestMessage(HttpMethod.Post, $"api/files/{file}/erasure")
            {
                Headers = { { "Idempotency-Key", key } },
                Content = System.Net.Http.Json.JsonContent.Create(new { ground = "objection", immediately = true }),
            },
            HttpStatusCode.Accepted);
        erasures.Add((await asked.Json()).GetProperty("erasure").Id());
        gone.Add(file);
    }

    // Somebody else, who had something and shared it.
    private async Task ErasePerson(Person administrator)
    {
        using var other = await Person.Register(person.Http.BaseAddress!, "Goes");
        var theirs = new Client(other, random);
        var file = await theirs.Form("theirs.bin", Bytes(200_000), "application/octet-stream");
        await theirs.Send(Keyed($"api/files/{file.File}/shares", $$"""{"grantee":"{{person.Email}}","role":"viewer"}"""), HttpStatusCode.Created);
        using var asked = await new Client(administrator, random).Send(
            Keyed($"api/admin/accounts/{other.Id}/erasure", """{"ground":"objection","immediately":true}"""), HttpStatusCode.Accepted);
        endings.Add((await asked.Json()).GetProperty("erasure").Id());
    }

    private async Task Rebuild(Person administrator, string projection) => await new Client(administrator, random).Send(
        () => new HttpRequestMessage(HttpMethod.Post, $"api/admin/projections/{projection}/rebuild"),
        HttpStatusCode.Accepted);

    // The second comes when views tell of the first.
    private async Task<Promise> Twice(byte[] bytes)
    {
        var first = await Form("first.txt", bytes, "text/plain");
        kept.Add(first);
        await Until($"api/files/{first.File}/status", _ => true);
        return await Form("second.txt", bytes, "text/plain");
    }

    // A second version, and the first goes.
    private async Task<Promise> Anew(string name, byte[] before, byte[] now)
    {
        var former = await Form(name, before, "application/octet-stream");
        var promise = await Form(name, now, "application/octet-stream", former.File);
        await Until($"api/files/{former.File}", seen => seen.GetProperty("version").GetInt32() == 2);
        await Send(
            () => new HttpRequestMessage(HttpMethod.Delete, $"api/files/{former.File}/versions/1"),
            HttpStatusCode.Accepted, HttpStatusCode.NotFound);
        return promise;
    }

    // Somebody else's, until it was offered and accepted.
    private async Task<Promise> Given(Client giver, string name, byte[] bytes, bool inFolder)
    {
        var folder = inFolder
            ? (await giver.Send(Keyed("api/folders", $$"""{"name":"{{Guid.NewGuid()}}"}"""), HttpStatusCode.Created).Json()).Id()
            : default(Guid?);
        var gift = await giver.Form(name, bytes, "application/octet-stream", folder: folder) with { Folder = folder };
        var what = folder is { } whole ? $"folders/{whole}" : $"files/{gift.File}";
        var offer = (await giver.Send(Keyed($"api/{what}/transfer", $$"""{"to":"{{person.Id}}"}"""), HttpStatusCode.Created).Json()).Id();
        await Until($"api/transfers/{offer}", _ => true);
        await Send(Keyed($"api/transfers/{offer}/accept", "{}"), HttpStatusCode.Accepted);
        await Until($"api/transfers/{offer}", seen => seen.GetProperty("status").GetString() == "done");
        return gift;
    }

    private static Func<HttpRequestMessage> Keyed(string path, string json)
    {
        var key = Guid.NewGuid().ToString();
        return () => new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "Idempotency-Key", key } },
        };
    }

    private async Task<Promise> Form(string name, byte[] bytes, string type, Guid? into = null, Guid? folder = null)
    {
        var key = Guid.NewGuid().ToString();
        var reply = await Send(
            () =>
            {
                var file = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
                var form = new MultipartFormDataContent();
                if (into is { } target)
                    form.Add(new StringContent($"{target}"), "fileId");
                if (folder is { } place)
                    form.Add(new StringContent($"{place}"), "folderId");
                form.Add(file, "file", name);
                return new HttpRequestMessage(HttpMethod.Post, "api/upload")
                {
                    Content = form,
                    Headers = { { "Idempotency-Key", key } },
                };
            },
            HttpStatusCode.Accepted);
        return new Promise((await reply.Json()).GetProperty("file").Id(), Hex(bytes), bytes.Length);
    }

    private async Task<Promise> Resumable(string name, byte[] bytes)
    {
        var whole = await Fill(await Begin(("Upload-Length", $"{bytes.Length}"), Named(name)), bytes);
        return new Promise(FileOf(whole), Hex(bytes), bytes.Length);
    }

    private async Task<Promise> Joined(string name, byte[] bytes)
    {
        var parts = await Task.WhenAll(Part(bytes[..3_000_000]), Part(bytes[3_000_000..]));
        var whole = await Create(("Upload-Concat", $"final;{string.Join(' ', parts.Select(part => part.ToString()))}"), Named(name));
        return new Promise(FileOf(whole), Hex(bytes), bytes.Length);

        async Task<Uri> Part(byte[] some)
        {
            var part = await Begin(("Upload-Length", $"{some.Length}"), ("Upload-Concat", "partial"));
            await Fill(part, some);
            return part;
        }
    }

    private static Guid FileOf(HttpResponseMessage whole) => Guid.Parse(whole.Headers.GetValues("File-Id").Single());

    private static (string, string) Named(string name) =>
        ("Upload-Metadata", $"filename {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(name))}");

    private async Task<Uri> Begin(params (string, string)[] headers) => (await Create(headers)).Headers.Location!;

    private Task<HttpResponseMessage> Create(params (string, string)[] headers) => Send(
        () => Tus.Request(HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), headers), HttpStatusCode.Created);

    private async Task<HttpResponseMessage> Fill(Uri url, byte[] bytes)
    {
        while (true)
        {
            var head = await Send(() => Tus.Request(HttpMethod.Head, url), HttpStatusCode.OK);
            if (head.Headers.Contains("File-Id"))
                return head;
            var offset = int.Parse(head.Headers.GetValues("Upload-Offset").Single(), System.Globalization.CultureInfo.InvariantCulture);
            if (offset == bytes.Length && head.Headers.Contains("Upload-Concat"))
                return head;
            var next = Math.Min(bytes.Length, offset + (9 << 20));
            try
            {
                // Whatever becomes of it, the next look at the offset tells.
                using var patch = await Tus.Patch(person, url, offset, bytes[offset..next]);
            }
            catch (Exception lost) when (lost is HttpRequestException or SocketException)
            {
            }
        }
    }

    private byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next('a', 'h'))];

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
