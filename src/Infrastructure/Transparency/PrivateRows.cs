using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// Compares what stands beside the log with the commitments in it (ADR 85): what the tree signs tells that there was a value and
/// which one, so a private row that was altered is found, and one that is missing unless the log tells of the erasure that took it.
/// </summary>
public sealed class PrivateRows
{
    // From this step on an erasure takes rows: first that of the person, or of one file. After a restore the journal has taken them
    // already, and the log says by then that the erasure was asked for again.
    private const string ErasuresSql =
        """
        select coalesce(asked.data ->> 'subject', asked.data ->> 'owner'), asked.data ->> 'file'
        from public.mt_events asked
        where asked.stream_id >= 'erasure-' and asked.stream_id < 'erasure.'
            and asked.type in ('erasure.requested.v1', 'erasure.file-requested.v1') and (
            exists (
                select from public.mt_events gone where gone.stream_id = asked.stream_id
                    and gone.type in ('erasure.content-deleted.v1', 'erasure.file-deleted.v1')
                    and gone.data ->> 'erasure' = asked.data ->> 'erasure')
            or not exists (
                select from public.mt_events left_off where left_off.stream_id = asked.stream_id
                    and left_off.type = 'erasure.cancelled.v1' and left_off.data ->> 'erasure' = asked.data ->> 'erasure')
            and exists (
                select from eventfiles.destroyed_keys noted
                where noted.subject::text = coalesce(asked.data ->> 'file', asked.data ->> 'subject')))
        """;

    private static readonly IReadOnlyDictionary<Guid, PrivateKey?> NoKeys = new Dictionary<Guid, PrivateKey?>();

    private readonly EventTypes types;
    private readonly PrivateKeys keys;

    internal PrivateRows(EventTypes types, PrivateKeys keys) => (this.types, this.keys) = (types, keys);

    /// <summary>The commitments of an event; none when it tells nothing of a person.</summary>
    /// <param name="data">Its body, as PostgreSQL prints it.</param>
    internal IReadOnlyList<(string Path, string Commitment)> Committed(string type, string data)
    {
        if (types.Find(type)?.Personal is not { } plan)
            return [];
        var found = new List<(string, string)>();
        using var nowhere = new Utf8JsonWriter(Stream.Null);
        plan.Rewrite(Encoding.UTF8.GetBytes(data), nowhere, (path, commitment) =>
        {
            found.Add((path, commitment));
            return commitment;
        });
        return found;
    }

    /// <summary>The first of these events whose private row is not what was signed.</summary>
    /// <param name="events">In the order of the log, each with commitments.</param>
    /// <param name="connection">What the log and its erasures are read by.</param>
    /// <returns>Its place in the list and what is wrong, or null; and how many rows an erasure took.</returns>
    internal async Task<(int? At, string? Problem, int Erased)> Compare(
        NpgsqlConnection connection, IReadOnlyList<CommittedEvent> events, CancellationToken cancel)
    {
        var asked = events.Select(one => one.Fields is { } fields ? PersonalFields.KeyOf(fields) : null).OfType<Guid>().ToHashSet();
        var (ring, lost) = await Keys(asked, cancel);
        var missing = new List<(int At, CommittedEvent Event)>();
        (int At, string What)? spoilt = null;
        for (var at = 0; at < events.Count && spoilt is null; at++)
        {
            switch (Look(events[at], ring))
            {
                case Found.Missing:
                    missing.Add((at, events[at]));
                    break;
                case Found.Altered:
                    spoilt = (at, "is not what was signed: it was altered");
                    break;
                case Found.Locked:
                    spoilt = (at, $"cannot be compared. {lost}");
                    break;
                default:
                    break;
            }
        }

        if (await FirstUnexplained(connection, missing, cancel) is { } first)
            spoilt = (first, "is missing, and no erasure in the log tells of it");
        return spoilt is { } bad
            ? (bad.At, $"The private row of the event at position {events[bad.At].Position} {bad.What.TrimEnd('.')}.", 0)
            : (null, null, missing.Count);
    }

    private async Task<(IReadOnlyDictionary<Guid, PrivateKey?>? Ring, string? Lost)> Keys(HashSet<Guid> asked, CancellationToken cancel)
    {
        try
        {
            return (await keys.ToOpen(asked, cancel), null);
        }
        catch (ObjectKeyLostException lost)
        {
            return (null, lost.Message);
        }
    }

    private static Found Look(CommittedEvent one, IReadOnlyDictionary<Guid, PrivateKey?>? ring)
    {
        if (one.Fields is not { } fields)
            return Found.Missing;
        if (ring is null && PersonalFields.KeyOf(fields) is not null)
            return Found.Locked;
        if (!string.Equals(one.RowTenant, one.Tenant, StringComparison.Ordinal))
            return Found.Altered;
        try
        {
            if (PersonalFields.Open(one.Salt!, fields, one.Id, ring ?? NoKeys) is not { } row)
                return Found.Missing;
            var values = row.Values();
            return values.Count == one.Committed.Count && one.Committed.All(field =>
                values.TryGetValue(field.Path, out var value)
                && string.Equals(PersonalFields.Commitment(one.Id, field.Path, row.Salt, value), field.Commitment, StringComparison.Ordinal))
                ? Found.AsSigned
                : Found.Altered;
        }
        catch (Exception spoilt) when (spoilt is CryptographicException or JsonException)
        {
            return Found.Altered;
        }
    }

    // By the same words by which an erasure takes them; those first that most likely did.
    private static async Task<int?> FirstUnexplained(
        NpgsqlConnection connection, List<(int At, CommittedEvent Event)> missing, CancellationToken cancel)
    {
        if (missing.Count == 0)
            return null;
        var erasures = await Erasures(connection, cancel);
        var persons = erasures.Where(one => one.File is null).Select(one => $"{one.Owner}").ToHashSet(StringComparer.Ordinal);
        var left = missing.Where(one => one.Event.Tenant is not { } tenant || !persons.Contains(tenant)).ToDictionary(one => one.Event.Position, one => one.At);
        var streams = missing.Select(one => one.Event.Stream).ToHashSet(StringComparer.Ordinal);
        foreach (var subject in erasures.OrderBy(one => one.File is { } file && streams.Any(stream => stream.Contains($"{file}", StringComparison.Ordinal)) ? 0 : 1))
        {
            if (left.Count == 0)
                return null;
            foreach (var position in await Taken(connection, subject, [.. left.Keys], cancel))
                left.Remove(position);
        }

        return left.Count == 0 ? null : left.Values.Min();
    }

    private static async Task<List<long>> Taken(NpgsqlConnection connection, ErasureSubject subject, long[] positions, CancellationToken cancel)
    {
        var (places, arguments) = TracePlaces.Of(subject);
        var whose = string.Join(" or ", places.Where(place => place.Table == "eventfiles.event_private").Select(place => $"({place.Whose})"));
        await using var command = new NpgsqlCommand(
            $"select seq_id from public.mt_events where seq_id = any (${arguments.Length + 1}) and ({whose})", connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = positions });
        var taken = new List<long>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            taken.Add(rows.GetInt64(0));
        return taken;
    }

    private static async Task<List<ErasureSubject>> Erasures(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(ErasuresSql, connection);
        var all = new List<ErasureSubject>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            all.Add(new ErasureSubject(
                new AccountId(Guid.Parse(rows.GetString(0))), rows[1] is string file ? new FileId(Guid.Parse(file)) : null));
        }

        return all;
    }

    private enum Found
    {
        AsSigned,
        Altered,

        /// <summary>Its key is there and cannot be had.</summary>
        Locked,

        /// <summary>Gone, or its key is.</summary>
        Missing,
    }
}

/// <summary>An event with commitments, and its private row.</summary>
/// <param name="Fields">Null when there is no row.</param>
internal sealed record CommittedEvent(
    long Position, Guid Id, string Stream, string? Tenant, IReadOnlyList<(string Path, string Commitment)> Committed, string? RowTenant, byte[]? Salt,
    byte[]? Fields);
