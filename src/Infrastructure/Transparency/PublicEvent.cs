using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// An event's leaf: all that is public of it, as bytes that anybody can make again of a row or of a line of an export
/// (ADR 56). Personal values are in it as commitments, so that it stays what it is when they are erased.
/// </summary>
internal static class PublicEvent
{
    /// <summary>What <see cref="Leaf(NpgsqlDataReader)"/> reads of events e. Whether a stream is archived comes later and is no part of it.</summary>
    public const string Columns =
        """
        e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.tenant_id, e.user_name, e.correlation_id,
        e.causation_id, e.headers::text, e.data::text
        """;

    /// <summary>A longer body stands in the leaf as its digest: in a tile an entry's length is told in two bytes.</summary>
    public const int LongestBody = 60_000;

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\']);

    public static byte[] Leaf(NpgsqlDataReader row)
    {
        var text = new StringBuilder(1024);
        text.Append(CultureInfo.InvariantCulture, $"{{\"position\":{row.GetInt64(0)},\"id\":\"{row.GetGuid(1)}\"");
        Append(text, "stream", row, 2);
        text.Append(CultureInfo.InvariantCulture, $",\"version\":{row.GetInt64(3)}");
        Append(text, "type", row, 4);
        text.Append(CultureInfo.InvariantCulture, $",\"at\":\"{row.GetDateTime(5):yyyy-MM-ddTHH:mm:ss.ffffff}Z\"");
        Append(text, "tenant", row, 6);
        Append(text, "actor", row, 7);
        Append(text, "correlationId", row, 8);
        Append(text, "causationId", row, 9);
        text.Append(",\"headers\":").Append(row.IsDBNull(10) ? "null" : row.GetString(10));
        var data = row.GetString(11);
        if (Encoding.UTF8.GetByteCount(data) <= LongestBody)
            text.Append(",\"data\":").Append(data);
        else
            text.Append(",\"dataSha256\":\"").Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))).Append('"');
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    private static void Append(StringBuilder text, string name, NpgsqlDataReader row, int column)
    {
        text.Append(",\"").Append(name).Append("\":");
        if (row.IsDBNull(column))
        {
            text.Append("null");
            return;
        }

        var value = row.GetString(column);
        text.Append('"');
        if (!value.AsSpan().ContainsAny(Escaped))
        {
            text.Append(value).Append('"');
            return;
        }

        foreach (var letter in value)
        {
            if (Escaped.Contains(letter))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                text.Append(letter);
        }

        text.Append('"');
    }
}
