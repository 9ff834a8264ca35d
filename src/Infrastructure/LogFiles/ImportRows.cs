using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>What one chunk brings, in the form of rows.</summary>
internal static class ImportRows
{
    // A stream that is there must be just before what comes; one that is not must begin with its first event.
    private const string StreamsSql =
        """
        with part as (
            select * from unnest($1, $2, $3, $4, $5, $6, $7) as p (id, first, last, begun_at, last_at, tenant_id, is_archived)),
        grown as (
            update public.mt_streams s set version = p.last, timestamp = p.last_at, is_archived = s.is_archived or p.is_archived
            from part p where s.id = p.id and s.version = p.first - 1 returning s.id),
        begun as (
            insert into public.mt_streams (id, version, timestamp, created, tenant_id, is_archived)
            select id, last, last_at, begun_at, tenant_id, is_archived from part where first = 1 returning id)
        select id from part where id not in (select id from grown) and id not in (select id from begun) limit 1
        """;

    private const string EventsSql =
        """
        copy public.mt_events (seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type,
            correlation_id, causation_id, headers, user_name, is_archived) from stdin (format binary)
        """;

    public static async Task Streams(
        NpgsqlConnection connection, IReadOnlyList<StreamPart> parts, long firstLine, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(StreamsSql, connection);
        AddEach(command, NpgsqlDbType.Text, parts, part => part.Id);
        AddEach(command, NpgsqlDbType.Bigint, parts, part => part.First);
        AddEach(command, NpgsqlDbType.Bigint, parts, part => part.Last);
        AddEach(command, NpgsqlDbType.TimestampTz, parts, part => part.BegunAt);
        AddEach(command, NpgsqlDbType.TimestampTz, parts, part => part.LastAt);
        AddEach(command, NpgsqlDbType.Text, parts, part => part.Tenant);
        AddEach(command, NpgsqlDbType.Boolean, parts, part => part.IsArchived);
        if (await command.ExecuteScalarAsync(cancel) is string broken)
            throw new LogFileException(LogFileException.Disordered, firstLine, $"and those after it do not continue the stream {broken}.");
    }

    public static async Task Events(NpgsqlConnection connection, IReadOnlyList<LogEvent> events, CancellationToken cancel)
    {
        await using var rows = await connection.BeginBinaryImportAsync(EventsSql, cancel);
        foreach (var happened in events)
        {
            await rows.StartRowAsync(cancel);
            await rows.WriteAsync(happened.Position, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(happened.Id, NpgsqlDbType.Uuid, cancel);
            await rows.WriteAsync(happened.Stream, NpgsqlDbType.Varchar, cancel);
            await rows.WriteAsync(happened.Version, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(happened.Data, NpgsqlDbType.Jsonb, cancel);
            await Write(rows, happened.Binary, NpgsqlDbType.Bytea, cancel);
            await rows.WriteAsync(happened.Type, NpgsqlDbType.Varchar, cancel);
            await rows.WriteAsync(happened.At, NpgsqlDbType.TimestampTz, cancel);
            await Write(rows, happened.Tenant, NpgsqlDbType.Varchar, cancel);
            await Write(rows, happened.DotnetType, NpgsqlDbType.Varchar, cancel);
            await Write(rows, happened.CorrelationId, NpgsqlDbType.Varchar, cancel);
            await Write(rows, happened.CausationId, NpgsqlDbType.Varchar, cancel);
            await Write(rows, happened.Headers, NpgsqlDbType.Jsonb, cancel);
            await Write(rows, happened.Actor, NpgsqlDbType.Varchar, cancel);
            await rows.WriteAsync(happened.IsArchived, NpgsqlDbType.Boolean, cancel);
        }

        await rows.CompleteAsync(cancel);
    }

    public static async Task Private(
        NpgsqlConnection connection, IReadOnlyList<LogEvent> events, ImportSeals seals, CancellationToken cancel)
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy eventfiles.event_private (seq_id, tenant_id, salt, fields) from stdin (format binary)", cancel);
        foreach (var happened in events)
        {
            if (happened.Private is not { } row || seals.IsErased(happened))
                continue;
            var (salt, fields) = seals.Close(happened, row);
            await rows.StartRowAsync(cancel);
            await rows.WriteAsync(happened.Position, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(row.Tenant, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(salt, NpgsqlDbType.Bytea, cancel);
            await rows.WriteAsync(fields, NpgsqlDbType.Bytea, cancel);
        }

        await rows.CompleteAsync(cancel);
    }

    public static async Task Passwords(NpgsqlConnection connection, IEnumerable<LogPassword> passwords, CancellationToken cancel)
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy eventfiles.passwords (holder, hash, changed_at) from stdin (format binary)", cancel);
        foreach (var password in passwords)
        {
            await rows.StartRowAsync(cancel);
            await rows.WriteAsync(password.Password, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(password.Hash, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(password.ChangedAt, NpgsqlDbType.TimestampTz, cancel);
        }

        await rows.CompleteAsync(cancel);
    }

    public static async Task Claims(NpgsqlConnection connection, IEnumerable<ImportedClaim> claims, CancellationToken cancel)
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            "copy eventfiles.import_claims (position, holder, scope, key, tenant_id) from stdin (format binary)", cancel);
        foreach (var claimed in claims)
        {
            await rows.StartRowAsync(cancel);
            await rows.WriteAsync(claimed.Position, NpgsqlDbType.Bigint, cancel);
            await rows.WriteAsync(claimed.Claim.Holder, NpgsqlDbType.Text, cancel);
            await Write(rows, claimed.Claim.Scope, NpgsqlDbType.Text, cancel);
            await Write(rows, claimed.Claim.Key, NpgsqlDbType.Text, cancel);
            await rows.WriteAsync(claimed.Tenant, NpgsqlDbType.Text, cancel);
        }

        await rows.CompleteAsync(cancel);
    }

    private static Task Write<T>(NpgsqlBinaryImporter rows, T? value, NpgsqlDbType type, CancellationToken cancel) where T : class =>
        value is null ? rows.WriteNullAsync(cancel) : rows.WriteAsync(value, type, cancel);

    private static void AddEach<T>(NpgsqlCommand command, NpgsqlDbType type, IReadOnlyList<StreamPart> parts, Func<StreamPart, T> value) =>
        command.Parameters.Add(new NpgsqlParameter<T[]>
        {
            TypedValue = [.. parts.Select(value)],
            NpgsqlDbType = NpgsqlDbType.Array | type,
        });
}

/// <summary>What a chunk holds of one stream: its versions without a gap.</summary>
/// <param name="IsArchived">As it was when the last event was exported; it may have been archived meanwhile.</param>
internal sealed record StreamPart(string Id, long First, long Last, DateTime BegunAt, DateTime LastAt, string? Tenant, bool IsArchived)
{
    /// <summary>The parts that a chunk consists of.</summary>
    /// <exception cref="LogFileException">An event is missing within a stream.</exception>
    public static IReadOnlyList<StreamPart> Of(LogChunk chunk)
    {
        var parts = new Dictionary<string, StreamPart>(StringComparer.Ordinal);
        for (var at = 0; at < chunk.Events.Count; at++)
        {
            var happened = chunk.Events[at];
            if (!parts.TryGetValue(happened.Stream, out var part))
            {
                part = new StreamPart(
                    happened.Stream, happened.Version, happened.Version - 1, happened.At, happened.At, happened.Tenant, happened.IsArchived);
            }

            if (happened.Version != part.Last + 1)
                throw new LogFileException(LogFileException.Disordered, chunk.FirstLine + at, $"does not continue the stream {happened.Stream}.");
            parts[happened.Stream] = part with
            {
                Last = happened.Version,
                LastAt = happened.At,
                IsArchived = part.IsArchived || happened.IsArchived,
            };
        }

        return [.. parts.Values];
    }
}
