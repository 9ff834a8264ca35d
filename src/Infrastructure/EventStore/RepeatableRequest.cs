using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// A request whose client may repeat it and wants its effect once; flows with the asynchronous call. The transaction that
/// gives the request's answer takes it along into the log.
/// </summary>
/// <param name="Account">Whose key it is: another account's is another one.</param>
/// <param name="Hash">Of the key, salted with the account.</param>
/// <param name="Fingerprint">Of the request, keyed with the key: who has not the key cannot guess at it.</param>
/// <param name="Reply">What the request is answered with.</param>
internal sealed record RepeatableRequest(AccountId Account, byte[] Hash, byte[] Fingerprint, Type Reply)
{
    private static readonly AsyncLocal<RepeatableRequest?> Flowing = new();

    /// <summary>The one that is under way here, or null.</summary>
    public static RepeatableRequest? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Equal for the same key of the same account, and for no others.</summary>
    public string Name { get; } = Convert.ToHexStringLower(Hash);

    /// <summary>A request under a key.</summary>
    /// <param name="key">As the client sent it.</param>
    /// <param name="request">All that makes the request what it is.</param>
    public static RepeatableRequest Of(AccountId account, string key, byte[] request, Type reply)
    {
        var secret = Encoding.UTF8.GetBytes(key);
        return new RepeatableRequest(
            account, SHA256.HashData([.. "idempotency key of "u8, .. account.Value.ToByteArray(), .. secret]),
            HMACSHA256.HashData(secret, request), reply);
    }

    /// <summary>The same request, and not another one under the same key.</summary>
    public bool IsSame(byte[] fingerprint) => CryptographicOperations.FixedTimeEquals(Fingerprint, fingerprint);
}

/// <summary>What stands beside the events of a request that may be repeated.</summary>
/// <param name="Answer">Sealed.</param>
internal sealed record AppendKey(RepeatableRequest Asked, byte[] Answer);

/// <summary>The same request has had its effect: nothing was appended.</summary>
internal sealed class AnsweredBeforeException() : Exception("The request was answered before.");

/// <summary>What requests with an idempotency key get besides their own refusals.</summary>
public static class IdempotencyRejection
{
    public static readonly Rejection Malformed = new(
        "idempotency.malformed-key", RejectionKind.Malformed,
        "Idempotency-Key is one string of 1 to 255 printable ASCII characters, such as a UUID.");

    public static readonly Rejection Reused = new(
        "idempotency.key-reused", RejectionKind.Invalid, "This Idempotency-Key came before, with another request.");

    public static readonly Rejection UnderWay = new(
        "idempotency.under-way", RejectionKind.Conflict, "The first request with this Idempotency-Key is not answered yet.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };
}
