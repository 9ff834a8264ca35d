using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Export;

/// <summary>
/// A person's events as lines of a file: what happened to what is theirs, and what they did elsewhere. What is personal to
/// others is not told, and nothing that a file's history keeps from its readers.
/// </summary>
internal sealed class ExportLines(IAuditLog log, Slices slices)
{
    private const int AtOnce = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One JSON object for each event, each ending a line, by position.</summary>
    /// <param name="passed">Told how far was looked.</param>
    public async IAsyncEnumerable<byte[]> Of(
        AccountId person, long upto, Func<long, Task> passed, [EnumeratorCancellation] CancellationToken cancel)
    {
        var question = new AuditQuestion(null, null, person, null, null, null, null, null);
        var withheld = slices.All.SelectMany(slice => slice.Withheld).Select(begin => begin()).ToList();
        for (var after = 0L; ;)
        {
            var page = await log.Read(question, after, upto, AtOnce, cancel);
            foreach (var one in page.Events)
            {
                if (!withheld.Exists(hides => hides(one.Event)))
                    yield return Line(person, one.Event);
            }

            if (page.IsEnd)
                yield break;
            after = page.Upto;
            await passed(after);
        }
    }

    internal static byte[] Line(AccountId person, RecordedEvent happened) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(
            new ExportedEvent(
                happened.Position, happened.At, happened.Name, happened.Actor, happened.Stream.Tenant, happened.Stream.Name,
                happened.Version, happened.Id, happened.CorrelationId, happened.CausationId, EventDetails.For(person, happened)),
            Json), (byte)'\n'];
}

/// <summary>An event, as it is taken along.</summary>
/// <param name="What">Its stored name.</param>
/// <param name="Actor">Who asked for it; null for what the system did by itself.</param>
/// <param name="Owner">Whose it is.</param>
public sealed record ExportedEvent(
    long Position, DateTimeOffset At, string What, AccountId? Actor, AccountId Owner, string Stream, long Version, Guid EventId,
    string? CorrelationId, string? CausationId, JsonElement Details);

/// <summary>Lines that come one by one, as a stream.</summary>
internal sealed class LineStream(IAsyncEnumerable<byte[]> lines) : OneWayStream
{
    private readonly IAsyncEnumerator<byte[]> next = lines.GetAsyncEnumerator();
    private ReadOnlyMemory<byte> rest;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (rest.IsEmpty)
        {
            if (!await next.MoveNextAsync())
                return 0;
            rest = next.Current;
        }

        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        rest = rest[count..];
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await next.DisposeAsync();
        await base.DisposeAsync();
    }
}
