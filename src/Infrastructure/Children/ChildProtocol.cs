using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Infrastructure.Children;

/// <summary>What the child is to do, with its limits.</summary>
internal sealed record ChildOrder(
    RenderOrder Wanted, long SizeHint, long MaxInputBytes, int MaxOutputBytes, long MaxPixels, int CpuSeconds)
{
    /// <summary>The original is too large to be kept; it is worked on as it comes.</summary>
    public bool Flows { get; init; }

    /// <summary>So much from its middle does not come.</summary>
    public long LeftOutBytes { get; init; }

    /// <summary>How long the picture is that is to be laid over it: it follows this at once, as bare bytes. 0 for none.</summary>
    public int MarkBytes { get; init; }
}

/// <summary>What became of it: a picture or text of <paramref name="Bytes"/> bytes that follow, or a code.</summary>
internal sealed record ChildReply(string? Code, string? Detail, int Width, int Height, int Bytes)
{
    /// <summary>The first thing a child says.</summary>
    public static readonly ChildReply Ready = new("ready", null, 0, 0, 0);

    public static ChildReply Failed(string code, string detail) => new(code, detail, 0, 0, 0);
}

[JsonSerializable(typeof(ChildOrder))]
[JsonSerializable(typeof(ChildReply))]
internal sealed partial class ChildJson : JsonSerializerContext;

/// <summary>
/// Frames between parent and child. A header is a length (4 bytes, little-endian) and JSON. A picture that is to be laid over
/// another follows the order as bare bytes. An original follows as pieces, each a length and bytes; 0 ends it, -1 gives it up, -2 stands for what is left out. What was made follows its reply as bare bytes.
/// </summary>
internal static class ChildProtocol
{
    public const int EndOfOriginal = 0;
    public const int GivenUp = -1;
    public const int LeftOut = -2;
    private const int MaxHeaderBytes = 64 * 1024;

    public static byte[] Frame(ChildOrder order) => Frame(JsonSerializer.SerializeToUtf8Bytes(order, ChildJson.Default.ChildOrder));

    public static byte[] Frame(ChildReply reply) => Frame(JsonSerializer.SerializeToUtf8Bytes(reply, ChildJson.Default.ChildReply));

    public static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>In the child: the next order, or null when the parent is gone.</summary>
    public static ChildOrder? ReadOrder(Stream input) =>
        ReadNumber(input) is { } length
            ? JsonSerializer.Deserialize(ReadBytes(input, Bounded(length)), ChildJson.Default.ChildOrder)
            : null;

    /// <summary>In the child: a length, or null at the end of the stream.</summary>
    public static int? ReadNumber(Stream input)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        return input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length
            ? BinaryPrimitives.ReadInt32LittleEndian(bytes)
            : null;
    }

    /// <summary>In the parent: the child's next words. Trusts no length: the child may have been taken over.</summary>
    public static async Task<ChildReply> ReadReply(Stream output, CancellationToken cancel)
    {
        var number = new byte[sizeof(int)];
        await output.ReadExactlyAsync(number, cancel);
        var json = new byte[Bounded(BinaryPrimitives.ReadInt32LittleEndian(number))];
        await output.ReadExactlyAsync(json, cancel);
        return JsonSerializer.Deserialize(json, ChildJson.Default.ChildReply) ?? throw new InvalidDataException();
    }

    private static byte[] Frame(byte[] json) => [.. Number(json.Length), .. json];

    private static byte[] ReadBytes(Stream input, int length)
    {
        var bytes = new byte[length];
        input.ReadExactly(bytes);
        return bytes;
    }

    private static int Bounded(int length) => length is > 0 and <= MaxHeaderBytes ? length : throw new InvalidDataException();
}
