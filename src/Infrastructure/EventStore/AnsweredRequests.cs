using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Which requests were answered, and how: <c>eventfiles.idempotency_keys</c>. An answer may hold names and secrets, so it
/// is sealed; all nodes have the keys that open it.
/// </summary>
internal sealed class AnsweredRequests(EventPool pool, IDataProtectionProvider keys)
{
    private const string Select =
        "select fingerprint, answer, position from eventfiles.idempotency_keys where tenant_id = $1 and key_hash = $2";

    private const string Insert =
        """
        insert into eventfiles.idempotency_keys (tenant_id, key_hash, fingerprint, answer, position, answered_at)
        values ($1, $2, $3, $4, 0, $5) on conflict (tenant_id, key_hash) do nothing
        """;

    private const string Delete =
        """
        delete from eventfiles.idempotency_keys where (tenant_id, key_hash) in (
            select tenant_id, key_hash from eventfiles.idempotency_keys where answered_at < $1 limit $2)
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The answer that a request with this key had, or null.</summary>
    public async Task<AnsweredRequest?> Find(RepeatableRequest asked, CancellationToken cancel)
    {
        await using var command = Command(Select, asked.Account.ToString(), asked.Hash);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel) ? Row(rows) : null;
    }

    /// <summary>What the append takes along.</summary>
    public AppendKey Seal(RepeatableRequest asked, object? answer) =>
        new(asked, SealOf(asked).Protect(JsonSerializer.SerializeToUtf8Bytes(answer, asked.Reply, Json)));

    /// <summary>The reply in an answer.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The key it was sealed with is lost.</exception>
    public object Open(RepeatableRequest asked, AnsweredRequest before) =>
        JsonSerializer.Deserialize(SealOf(asked).Unprotect(before.Answer), asked.Reply, Json)!;

    /// <summary>For an answer that appends nothing: it was already so.</summary>
    /// <exception cref="AnsweredBeforeException">A request with this key was answered meanwhile.</exception>
    public async Task Remember(AppendKey key, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = Command(
            Insert, key.Asked.Account.ToString(), key.Asked.Hash, key.Asked.Fingerprint, key.Answer, now);
        if (await command.ExecuteNonQueryAsync(cancel) == 0)
            throw new AnsweredBeforeException();
    }

    /// <summary>Removes so many that were answered before that time; gives how many there were.</summary>
    public async Task<int> Forget(DateTimeOffset before, int atMost, CancellationToken cancel)
    {
        await using var command = Command(Delete, before, atMost);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static AnsweredRequest Row(NpgsqlDataReader row) =>
        new(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2));

    private IDataProtector SealOf(RepeatableRequest asked) => keys.CreateProtector("idempotency", asked.Account.ToString(), asked.Name);

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> arguments)
    {
        var command = pool.Source.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.AddWithValue(argument);
        return command;
    }
}

/// <summary>An answer that was given.</summary>
/// <param name="Fingerprint">Of its request.</param>
/// <param name="Answer">Sealed.</param>
/// <param name="Position">Of the last event; 0 when it was already so.</param>
internal sealed record AnsweredRequest(byte[] Fingerprint, byte[] Answer, long Position);
