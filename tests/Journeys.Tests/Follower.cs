using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>One message of a stream of changes.</summary>
internal sealed record Told(string Kind, string? Id, JsonElement Json)
{
    /// <summary>The file that a message of kind file is about.</summary>
    public Guid File => Json.GetProperty(Kind == "file" ? "file" : "id") is { ValueKind: JsonValueKind.Object } file ? file.Id() : Json.Id();
}

/// <summary>Somebody who follows what changes, as a browser's EventSource does.</summary>
internal sealed class Follower : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HttpResponseMessage reply;
    private readonly StreamReader lines;

    private Follower(HttpResponseMessage reply, Stream stream)
    {
        this.reply = reply;
        lines = new StreamReader(stream);
    }

    /// <summary>Of the last message that had one.</summary>
    public string? LastId { get; private set; }

    public static async Task<HttpResponseMessage> Ask(Person person, string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/events/stream");
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        return await person.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static async Task<Follower> Of(Person person, string? lastId = null)
    {
        var opened = await Ask(person, lastId).Expect(200);
        Assert.Equal("text/event-stream", opened.Content.Headers.ContentType?.MediaType);
        return new Follower(opened, await opened.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next message; null when the stream has ended.</summary>
    public async Task<Told?> Next()
    {
        using var patience = new CancellationTokenSource(Patience);
        var (kind, id, json) = ("", (string?)null, "");
        while (await lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length > 0)
            {
                var (field, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
                (kind, id, json) = (field == "event" ? value : kind, field == "id" ? value : id, field == "data" ? value : json);
            }
            else if (kind.Length > 0)
            {
                LastId = id ?? LastId;
                return new Told(kind, id, JsonSerializer.Deserialize<JsonElement>(json));
            }
        }

        return null;
    }

    /// <summary>All messages up to the first that is wanted, and that one.</summary>
    public async Task<IReadOnlyList<Told>> Until(Func<Told, bool> wanted)
    {
        var all = new List<Told>();
        do
            all.Add(await Next() ?? throw new EndOfStreamException($"It ended after {string.Join(", ", all)}."));
        while (!wanted(all[^1]));
        return all;
    }

    public void Dispose()
    {
        lines.Dispose();
        reply.Dispose();
    }
}
