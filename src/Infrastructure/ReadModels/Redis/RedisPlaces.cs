using System.Text;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// Places as members of one sorted set, in whose byte order an index stands together and in its own order: index, two
/// zeros, sort, two zeros, key. A zero in index or sort is followed by FF, so two zeros end it and sort before all else.
/// </summary>
internal static class RedisPlaces
{
    public static byte[] Of(string index, Place at) => [.. Prefix(index), .. Escaped(at.Sort), 0, 0, .. Encoding.UTF8.GetBytes(at.Key)];

    /// <summary>What all places of an index begin with.</summary>
    public static byte[] Prefix(string index) => [.. Escaped(index), 0, 0];

    /// <summary>After all places of an index.</summary>
    public static byte[] End(string index) => [.. Escaped(index), 0, 1];

    public static StoredPlace Read(ReadOnlySpan<byte> place)
    {
        var index = place.IndexOf("\0\0"u8);
        var rest = place[(index + 2)..];
        var sort = rest.IndexOf("\0\0"u8);
        return new StoredPlace(
            Unescaped(place[..index]), new Place(Unescaped(rest[..sort]), Encoding.UTF8.GetString(rest[(sort + 2)..])));
    }

    private static byte[] Escaped(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (Array.IndexOf(bytes, (byte)0) < 0)
            return bytes;
        var escaped = new List<byte>(bytes.Length + 4);
        foreach (var each in bytes)
        {
            escaped.Add(each);
            if (each == 0)
                escaped.Add(0xFF);
        }

        return [.. escaped];
    }

    private static string Unescaped(ReadOnlySpan<byte> bytes)
    {
        // FF is in no UTF-8: wherever it stands, it is ours.
        return bytes.Contains((byte)0xFF)
            ? Encoding.UTF8.GetString([.. bytes.ToArray().Where(each => each != 0xFF)])
            : Encoding.UTF8.GetString(bytes);
    }
}
