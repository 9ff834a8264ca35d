using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>A growing stretch of memory outside the small managed heap of a child.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private const int Smallest = 64 * 1024;
    private byte* start;
    private nuint capacity;
    private nuint length;

    private NativeBytes(long sizeHint) => Grow((nuint)Math.Max(sizeHint, Smallest));

    public ReadOnlySpan<byte> Content => new(start, checked((int)length));

    /// <summary>The original that follows an order; null when the parent gave it up.</summary>
    public static NativeBytes? ReadOriginal(Stream input, ChildOrder order)
    {
        var bytes = new NativeBytes(Math.Min(order.SizeHint, order.MaxInputBytes));
        for (var isWhole = false; !isWhole;)
        {
            switch (ChildProtocol.ReadNumber(input))
            {
                case > ChildProtocol.EndOfOriginal and var piece:
                    input.ReadExactly(bytes.Next(piece, order.MaxInputBytes));
                    break;
                case ChildProtocol.EndOfOriginal:
                    isWhole = true;
                    break;
                default:
                    bytes.Dispose();
                    return null;
            }
        }

        return bytes;
    }

    /// <summary>The picture that follows an order, to be laid over the original; null when there is none.</summary>
    public static NativeBytes? ReadMark(Stream input, ChildOrder order)
    {
        if (order.MarkBytes == 0)
            return null;
        var bytes = new NativeBytes(order.MarkBytes);
        input.ReadExactly(bytes.Next(order.MarkBytes, RenderMark.MaxPictureBytes));
        return bytes;
    }

    /// <summary>All that a stream gives, at most so much. Of more the beginning when it is to be cut, else null.</summary>
    public static NativeBytes? ReadToEnd(Stream from, long maxBytes, bool cuts, out bool isCut)
    {
        isCut = false;
        var bytes = new NativeBytes(Smallest);
        while (true)
        {
            var room = bytes.Next(Smallest, maxBytes + Smallest);
            var read = from.Read(room);
            bytes.length -= (nuint)(room.Length - read);
            if (read == 0)
                return bytes;
            if (bytes.length <= (nuint)maxBytes)
                continue;
            isCut = true;
            if (cuts)
            {
                bytes.length = (nuint)maxBytes;
                return bytes;
            }

            bytes.Dispose();
            return null;
        }
    }

    public Stream AsStream() => new UnmanagedMemoryStream(start, (long)length);

    public void Dispose()
    {
        NativeMemory.Free(start);
        start = null;
    }

    private Span<byte> Next(int count, long maxBytes)
    {
        if (length + (nuint)count > (nuint)maxBytes)
            throw new InvalidDataException();
        if (length + (nuint)count > capacity)
            Grow(Math.Max(length + (nuint)count, capacity * 2));
        var room = new Span<byte>(start + length, count);
        length += (nuint)count;
        return room;
    }

    private void Grow(nuint size)
    {
        start = (byte*)NativeMemory.Realloc(start, size);
        capacity = size;
    }
}
