using Microsoft.Extensions.Primitives;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>
/// The client's key of a request that it may repeat (draft-ietf-httpapi-idempotency-key-header); flows with the
/// asynchronous call to the first request that is made of it.
/// </summary>
public sealed class IdempotencyKey
{
    /// <summary>The header that carries it.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;

    private static readonly AsyncLocal<IdempotencyKey?> Flowing = new();

    private string? text;

    private IdempotencyKey(string text) => this.text = text;

    /// <summary>From here on the next request bears the key.</summary>
    /// <param name="sent">The header's values, at least one.</param>
    /// <returns>False when they are no key.</returns>
    public static bool Receive(StringValues sent)
    {
        if (sent is not [{ } value] || Read(value) is not { Length: > 0 and <= MaxLength } key)
            return false;
        Flowing.Value = new IdempotencyKey(key);
        return true;
    }

    /// <summary>The key, for the first who asks; null for all others.</summary>
    internal static string? Take() => Flowing.Value is { } sent ? Interlocked.Exchange(ref sent.text, null) : null;

    // A string as RFC 9651 writes it, with quotes; or what most clients send, the same without them.
    private static string? Read(string value)
    {
        var isQuoted = value is ['"', .., '"'] && value.Length > 1;
        var inner = isQuoted ? value[1..^1] : value;
        var key = new char[inner.Length];
        var length = 0;
        for (var at = 0; at < inner.Length; at++)
        {
            var one = inner[at];
            if (one is < ' ' or > '~' || (one is '"' or ' ' or ',' or ';' && !isQuoted) || (one is '"' && isQuoted))
                return null;
            if (one is '\\')
            {
                if (!isQuoted || ++at == inner.Length || inner[at] is not ('"' or '\\'))
                    return null;
                one = inner[at];
            }

            key[length++] = one;
        }

        return new string(key, 0, length);
    }
}
