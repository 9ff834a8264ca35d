using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// The child's own program: takes orders and originals, gives back pictures or reasons, until its input ends. It runs
/// hostile bytes through decoders and must be expected to crash or to be taken over; all that protects others is around it.
/// </summary>
public static class PictureChild
{
    /// <summary>Serves one parent; returns when the parent closes <paramref name="input"/> or dies.</summary>
    /// <returns>The exit code: 0.</returns>
    public static int Run(Stream input, Stream output)
    {
        Posix.SurviveFileLimit();
        Vips.Start();
        output.Write(ChildProtocol.Frame(ChildReply.Ready));
        output.Flush();
        while (ChildProtocol.ReadOrder(input) is { } order)
        {
            using var original = NativeBytes.ReadOriginal(input, order);
            if (original is null)
                continue;
            Posix.LimitCpu((ulong)Environment.CpuUsage.TotalTime.TotalSeconds + (ulong)order.CpuSeconds + 1);
            Answer(output, original, order);
            output.Flush();
        }

        return 0;
    }

    private static void Answer(Stream output, NativeBytes original, ChildOrder order)
    {
        try
        {
            if (order.Source is RenderSource.PdfFirstPage)
                AnswerPdf(output, original, order);
            else
                AnswerPicture(output, original.Content, order);
        }
        catch (VipsException why)
        {
            output.Write(ChildProtocol.Frame(Reason(why.Message)));
        }
        catch (Exception why) when (why is OutOfMemoryException or InsufficientMemoryException)
        {
            output.Write(ChildProtocol.Frame(Reason("out of memory")));
        }
    }

    private static void AnswerPicture(Stream output, ReadOnlySpan<byte> original, ChildOrder order)
    {
        if (Refusal(original, order) is { } refusal)
        {
            output.Write(ChildProtocol.Frame(refusal));
            return;
        }

        using var picture = Vips.Thumbnail(original, order.MaxWidth, order.MaxHeight, Suffix(order.Format));
        Send(output, picture.Content, order, picture.Width, picture.Height);
    }

    private static void AnswerPdf(Stream output, NativeBytes original, ChildOrder order)
    {
        using var page = PdfPage.Render(original, order, out var refusal);
        if (page is null)
        {
            output.Write(ChildProtocol.Frame(refusal!));
            return;
        }

        // pdftoppm fits the page into a square and writes JPEG; anything else takes one more step.
        var (width, height) = Vips.Measure(page.Content);
        if (order.Format is RenderFormat.Jpeg && width <= order.MaxWidth && height <= order.MaxHeight)
            Send(output, page.Content, order, width, height);
        else
            AnswerPicture(output, page.Content, order);
    }

    private static ChildReply? Refusal(ReadOnlySpan<byte> original, ChildOrder order)
    {
        if (!Vips.Sniff(original))
            return ChildReply.Failed("corrupt", "The bytes are no picture of a type that is read.");
        var (width, height) = Vips.Measure(original);
        return (long)width * height > order.MaxPixels
            ? ChildReply.Failed("too-many-pixels", $"{width} × {height} pixels are more than are decoded.")
            : null;
    }

    private static void Send(Stream output, ReadOnlySpan<byte> picture, ChildOrder order, int width, int height)
    {
        if (picture.Length > order.MaxOutputBytes)
        {
            output.Write(ChildProtocol.Frame(ChildReply.Failed("too-large", "The picture made of it would be too large.")));
            return;
        }

        output.Write(ChildProtocol.Frame(new ChildReply(null, null, ContentType(order.Format), width, height, picture.Length)));
        output.Write(picture);
    }

    // libvips quotes no content, but its words are for programmers: they help nobody further.
    private static ChildReply Reason(string message) =>
        message.Contains("memory", StringComparison.OrdinalIgnoreCase) || message.Contains("thread", StringComparison.OrdinalIgnoreCase)
            ? ChildReply.Failed("too-hungry", "Rendering it takes more memory than is allowed.")
            : ChildReply.Failed("corrupt", "The picture is damaged or incomplete.");

    private static string Suffix(RenderFormat format) => format switch
    {
        RenderFormat.Jpeg => ".jpg[Q=80,optimize-coding,strip,background=255 255 255]",
        RenderFormat.Png => ".png[compression=6,strip]",
        RenderFormat.Webp => ".webp[Q=80,strip]",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string ContentType(RenderFormat format) => format switch
    {
        RenderFormat.Jpeg => "image/jpeg",
        RenderFormat.Png => "image/png",
        RenderFormat.Webp => "image/webp",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

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

    /// <summary>All that a stream gives, at most so much; null when there is more.</summary>
    public static NativeBytes? ReadToEnd(Stream from, long maxBytes)
    {
        var bytes = new NativeBytes(Smallest);
        while (true)
        {
            var room = bytes.Next(Smallest, maxBytes + Smallest);
            var read = from.Read(room);
            bytes.length -= (nuint)(room.Length - read);
            if (read == 0)
                return bytes;
            if (bytes.length > (nuint)maxBytes)
            {
                bytes.Dispose();
                return null;
            }
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
