using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Messaging.Rabbit;

/// <summary>A message as the broker carries it.</summary>
/// <param name="Tries">How often it was tried and failed.</param>
/// <param name="Since">When it was handed over first.</param>
/// <param name="Left">How long it has still to wait when the broker hands it out. No moment: clocks of nodes differ.</param>
/// <param name="TraceParent">W3C trace context of whoever handed it over.</param>
internal sealed record Envelope(
    Message Message, int Tries, DateTimeOffset Since, TimeSpan Left, string? TraceParent)
{
    private const string Owner = "owner";
    private const string Causation = "causation";
    private const string Position = "position";
    private const string TriesSoFar = "tries";
    private const string StillToWait = "still-to-wait";
    private const string Parent = "traceparent";

    // A hundred years, in milliseconds.
    private const long LongestWait = 100L * 365 * 24 * 60 * 60 * 1000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public ReadOnlyMemory<byte> Body => Utf8.GetBytes(Message.Body);

    /// <summary>
    /// The same for the same work that follows from the same event, so that whoever looks at a queue knows duplicates.
    /// </summary>
    public string Id => $"{Message.CausationId ?? Convert.ToHexStringLower(SHA256.HashData(Body.Span)[..16])}:{Message.Type}";

    /// <summary>Whatever came from the broker, however strange: what does not say what it is becomes work of no type.</summary>
    public static Envelope Read(string kind, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, DateTimeOffset now) => new(
        new Message(
            kind, properties.Type ?? "", Utf8.GetString(body.Span),
            Guid.TryParse(Text(properties, Owner), out var owner) ? new AccountId(owner) : default,
            properties.CorrelationId, Text(properties, Causation), Number(properties, Position) ?? 0),
        (int)Math.Clamp(Number(properties, TriesSoFar) ?? 0, 0, int.MaxValue - 1),
        Time(properties.IsTimestampPresent() ? properties.Timestamp.UnixTime * 1000 : null) ?? now,
        TimeSpan.FromMilliseconds(Math.Clamp(Number(properties, StillToWait) ?? 0, 0, LongestWait)),
        Text(properties, Parent));

    /// <summary>What travels beside the body.</summary>
    /// <param name="expires">Where it waits: how long.</param>
    public BasicProperties Properties(TimeSpan? expires)
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [Owner] = Message.Owner.ToString(),
            [Position] = Message.Position,
            [TriesSoFar] = Tries,
        };
        if (Message.CausationId is { } causation)
            headers[Causation] = causation;
        if (Left > TimeSpan.Zero)
            headers[StillToWait] = (long)Math.Ceiling(Left.TotalMilliseconds);
        if (TraceParent is not null)
            headers[Parent] = TraceParent;
        return new BasicProperties
        {
            MessageId = Id,
            Type = Message.Type,
            CorrelationId = Message.CorrelationId,
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Timestamp = new AmqpTimestamp(Since.ToUnixTimeSeconds()),
            Expiration = expires?.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture),
            Headers = headers,
        };
    }

    private static string? Text(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) is true
            ? value switch { byte[] bytes => Utf8.GetString(bytes), string text => text, _ => null }
            : null;

    private static long? Number(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) is true
            ? value switch { long number => number, int number => number, _ => null }
            : null;

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is >= 0 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.Value) : null;
}
