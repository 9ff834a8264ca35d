using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// Uploads as bad lines and dying servers leave them: in requests of random size, each to a random node, some cut off
/// in their middle, some met by a kill of the node that takes them; always continued from where the server says that
/// they stand.
/// </summary>
internal sealed class InterruptedUploads(Random chance, IReadOnlyList<Server> nodes, List<Person> clients)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private enum Way { Known, Deferred, Checked, Draft, Parts }

    /// <summary>How many requests broke so far.</summary>
    public int Interruptions { get; private set; }

    /// <summary>What was done, for whoever must find out why it went wrong.</summary>
    public List<string> Story { get; } = [];

    /// <summary>Uploads these bytes in a random way.</summary>
    /// <returns>The file.</returns>
    public async Task<Guid> Upload(SeededBytes bytes, string name)
    {
        var way = (Way)chance.Next(Enum.GetValues<Way>().Length);
        Story.Add($"{name}: {bytes.Length} bytes, {way}");
        if (way != Way.Parts)
            return await Upload(bytes, 0, bytes.Length, way, await Create(way, bytes.Length, name)) ?? throw new InvalidOperationException("There is no File-Id.");

        var count = chance.Next(1, 5);
        var cuts = Enumerable.Range(0, count - 1).Select(_ => chance.NextInt64(bytes.Length + 1)).Append(0).Append(bytes.Length).Order().ToList();
        var parts = new List<Uri>();
        for (var part = 0; part < count; part++)
        {
            parts.Add(await Create(way, cuts[part + 1] - cuts[part], name));
            await Upload(bytes, cuts[part], cuts[part + 1], way, parts[^1]);
        }

        // Nobody knows whether a request that died had its effect: it is simply made again.
        var joined = await Until(async () => await Tus.Send(
            Anybody(), HttpMethod.Post, new Uri("api/uploads", UriKind.Relative),
            ("Upload-Concat", $"final;{string.Join(' ', parts)}"), ("Upload-Metadata", Metadata(name))), killBefore: chance.Next(4) == 0);
        await joined.Expect(201);
        return File(joined)!.Value;
    }

    private async Task<Guid?> Upload(SeededBytes bytes, long from, long to, Way way, Uri upload)
    {
        // One goes wrong for certain, so that every upload has its interruption.
        var offset = 0L;
        for (var isFirst = true; ; isFirst = false)
        {
            var left = to - from - offset;
            var length = chance.Next(3) == 0 ? left : chance.NextInt64(left + 1);
            var breaks = isFirst || chance.Next(3) == 0;
            var (reply, story) = await Send(bytes, from, offset, length, to - from, way, upload, breaks);
            Story.Add(story);
            if (reply is { IsSuccessStatusCode: true } && offset + length == to - from && (way == Way.Parts || File(reply) is not null))
                return File(reply);
            if (reply is not null && (int)reply.StatusCode is not (204 or 409))
                Assert.Fail($"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");

            var head = await Until(() => Head(way, upload), killBefore: false);
            var stands = long.Parse(Assert.Single(head.Headers.GetValues("Upload-Offset")), CultureInfo.InvariantCulture);
            Assert.True(stands >= offset, $"It stood at {offset} and stands at {stands}.");
            offset = stands;
            Story.Add($"  stands at {offset}");
            if (offset == to - from && (File(head) is not null || (way == Way.Parts && to > from)))
                return File(head);
            if (way == Way.Parts && to == from)
                return null;
        }
    }

    private async Task<(HttpResponseMessage? Reply, string Story)> Send(
        SeededBytes bytes, long from, long offset, long length, long whole, Way way, Uri upload, bool breaks)
    {
        var node = chance.Next(nodes.Count);
        var kills = breaks && chance.Next(2) == 0;
        var breaksAt = breaks ? chance.NextInt64(length + 1) : (long?)null;
        var story = $"  PATCH {offset}+{length} at node {node}{(kills ? $", killed after {breaksAt}" : breaks ? $", cut after {breaksAt}" : "")}";
        var killed = Task.CompletedTask;
        var content = new SeededContent(
            bytes, from + offset, from + offset + length, chance.Next(2) == 0, breaksAt,
            () => kills ? killed = nodes[node].Kill() : Task.CompletedTask);
        using var request = new HttpRequestMessage(HttpMethod.Patch, upload) { Content = content };
        request.Headers.Add("Upload-Offset", $"{offset}");
        content.Headers.ContentType = new MediaTypeHeaderValue(way == Way.Draft ? "application/partial-upload" : "application/offset+octet-stream");
        Speak(request, way);
        if (way == Way.Draft)
            request.Headers.Add("Upload-Complete", offset + length == whole ? "?1" : "?0");
        if (way == Way.Deferred && offset + length == whole)
            request.Headers.Add("Upload-Length", $"{whole}");
        if (way == Way.Checked)
            request.Headers.Add("Upload-Checksum", $"sha256 {Convert.ToBase64String(bytes.Sha256(from + offset, from + offset + length))}");
        try
        {
            return (await clients[node].Http.SendAsync(request), story);
        }
        catch (Exception broken) when (breaks && broken is HttpRequestException or IOException or OperationCanceledException)
        {
            Interruptions++;
            return (null, story);
        }
        finally
        {
            if (killed != Task.CompletedTask)
                await Restart(node, killed);
        }
    }

    // With connections of its own: those to a dead process are worth nothing.
    private async Task Restart(int node, Task killed)
    {
        await killed;
        await nodes[node].Restart();
        using var former = clients[node];
        clients[node] = former.At(nodes[node].Address);
        clients[node].Http.Timeout = former.Http.Timeout;
    }

    private async Task<Uri> Create(Way way, long length, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/uploads", UriKind.Relative));
        request.Headers.Add("Upload-Metadata", Metadata(name));
        if (way == Way.Deferred)
            request.Headers.Add("Upload-Defer-Length", "1");
        else
            request.Headers.Add("Upload-Length", $"{length}");
        if (way == Way.Parts)
            request.Headers.Add("Upload-Concat", "partial");
        if (way == Way.Draft)
            request.Headers.Add("Upload-Complete", "?0");
        Speak(request, way);
        var created = await (await Anybody().Http.SendAsync(request)).Expect(201);
        return created.Headers.Location!;
    }

    private async Task<HttpResponseMessage> Head(Way way, Uri upload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, upload);
        Speak(request, way);
        return await Anybody().Http.SendAsync(request);
    }

    // As long as a dead request is still held for alive, or its node is not back, there is no answer yet.
    private async Task<HttpResponseMessage> Until(Func<Task<HttpResponseMessage>> ask, bool killBefore)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var reply = killBefore ? await WhileKilled(ask) : await ask();
            killBefore = false;
            if (reply is { IsSuccessStatusCode: true })
                return reply;
            if (reply is not null && (int)reply.StatusCode is not 409)
                Assert.Fail($"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
            await Task.Delay(50, patience.Token);
        }
    }

    private async Task<HttpResponseMessage?> WhileKilled(Func<Task<HttpResponseMessage>> ask)
    {
        var asked = ask();
        await Task.Delay(chance.Next(100));
        var node = chance.Next(nodes.Count);
        var killed = nodes[node].Kill();
        Story.Add("  killed while parts are joined");
        Interruptions++;
        try
        {
            return await asked;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return null;
        }
        finally
        {
            await Restart(node, killed);
        }
    }

    private static void Speak(HttpRequestMessage request, Way way)
    {
        if (way == Way.Draft)
            request.Headers.Add("Upload-Draft-Interop-Version", "6");
        else
            request.Headers.Add("Tus-Resumable", "1.0.0");
    }

    private Person Anybody() => clients[chance.Next(clients.Count)];

    private static string Metadata(string name) => $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}";

    private static Guid? File(HttpResponseMessage reply) =>
        reply.Headers.TryGetValues("File-Id", out var ids) ? Guid.Parse(Assert.Single(ids)) : null;
}
