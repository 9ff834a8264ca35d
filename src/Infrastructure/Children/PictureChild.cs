using System.Xml;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// The child's own program: takes orders and originals, gives back what was made or reasons, until its input ends. It runs
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
            using var mark = NativeBytes.ReadMark(input, order);
            if (order.Flows)
            {
                AnswerFlowing(input, output, order);
                continue;
            }

            if (MediaTools.Reads(order.Wanted.Source))
            {
                using var file = MemoryFile.ReadOriginal(input, order);
                if (file is not null)
                    Answer(output, () => AnswerMedia(output, file, order), order);
                continue;
            }

            using var original = NativeBytes.ReadOriginal(input, order);
            if (original is null)
                continue;
            Answer(output, () => Answer(output, original, mark, order), order);
        }

        return 0;
    }

    private static void Answer(Stream output, Action answer, ChildOrder order)
    {
        Posix.LimitCpu((ulong)Environment.CpuUsage.TotalTime.TotalSeconds + (ulong)order.CpuSeconds + 1);
        try
        {
            answer();
        }
        catch (VipsMarkException)
        {
            output.Write(ChildProtocol.Frame(ChildReply.Failed("mark-corrupt", "The picture that is to be laid over it is damaged or incomplete.")));
        }
        catch (VipsException why)
        {
            output.Write(ChildProtocol.Frame(Reason(why.Message)));
        }
        catch (Exception why) when (why is OutOfMemoryException or InsufficientMemoryException)
        {
            output.Write(ChildProtocol.Frame(Reason("out of memory")));
        }
        catch (Exception why) when (why is InvalidDataException or XmlException or IOException or FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            output.Write(ChildProtocol.Frame(ChildReply.Failed("corrupt", "The file is damaged or incomplete.")));
        }

        output.Flush();
    }

    private static void Answer(Stream output, NativeBytes original, NativeBytes? mark, ChildOrder order)
    {
        switch (order.Wanted.Source)
        {
            case RenderSource.Picture:
                AnswerPicture(output, original.Content, mark, order);
                break;
            case RenderSource.PdfPage:
                AnswerPdf(output, original, order);
                break;
            default:
                AnswerBytes(output, original, order);
                break;
        }
    }

    // Answered when all of it is taken in: until then the parent does not listen.
    private static void AnswerFlowing(Stream input, Stream output, ChildOrder order)
    {
        DrawnPicture? drawn = null;
        ChildReply? refusal = ChildReply.Failed("too-hungry", "Reading it takes more memory than is allowed.");
        Posix.LimitCpu((ulong)Environment.CpuUsage.TotalTime.TotalSeconds + (ulong)order.CpuSeconds + 1);
        using var original = new FlowingOriginal(input);
        try
        {
            using var beginning = MemoryFile.ReadBeginning(original, MediaTools.BeginningBytes);
            drawn = MediaTools.Wave(beginning, original, order, out refusal);
        }
        catch (IOException)
        {
            // There was no memory for the beginning.
        }

        original.Drain();
        if (!original.IsGivenUp)
            Answer(output, () => Send(output, drawn, refusal, order), order);
    }

    private static void AnswerMedia(Stream output, MemoryFile original, ChildOrder order)
    {
        ChildReply? refusal;
        if (order.Wanted.Source is RenderSource.MediaFacts)
        {
            if (MediaTools.Facts(original, order, out refusal) is { } facts)
                Send(output, facts, order, 0, 0);
            else
                output.Write(ChildProtocol.Frame(refusal!));
            return;
        }

        var drawn = order.Wanted.Source is RenderSource.VideoFrame
            ? MediaTools.Frame(original, order, out refusal)
            : MediaTools.Wave(original, null, order, out refusal);
        Send(output, drawn, refusal, order);
    }

    private static void Send(Stream output, DrawnPicture? drawn, ChildReply? refusal, ChildOrder order)
    {
        if (drawn is null)
        {
            output.Write(ChildProtocol.Frame(refusal!));
            return;
        }

        using var picture = Vips.Write(drawn.Values, drawn.Width, drawn.Height, drawn.Bands, Suffix(order.Wanted.Format));
        Send(output, picture.Content, order, picture.Width, picture.Height);
    }

    private static void AnswerPicture(Stream output, ReadOnlySpan<byte> original, NativeBytes? mark, ChildOrder order)
    {
        if ((Refusal(original, order, out var header) ?? Refusal(mark, order)) is { } refusal)
        {
            output.Write(ChildProtocol.Frame(refusal));
            return;
        }

        // A picture that does not move is not asked for all its frames: not every reader knows the word.
        var wanted = order.Wanted with { IsAnimated = order.Wanted.IsAnimated && header!.Frames > 1 };
        using var picture = Vips.Thumbnail(original, wanted, mark, Suffix(wanted.Format), header!.HasProfile);
        Send(output, picture.Content, order, picture.Width, picture.Height);
    }

    private static void AnswerPdf(Stream output, NativeBytes original, ChildOrder order)
    {
        using var page = PdfTools.Page(original, order, out var refusal);
        if (page is null)
        {
            output.Write(ChildProtocol.Frame(refusal!));
            return;
        }

        // pdftoppm fits the page into a square and writes JPEG; anything else takes one more step.
        var drawn = Vips.ReadHeader(page.Content, []);
        var (width, height) = (drawn.Width, drawn.Height);
        if (order.Wanted is { Format: RenderFormat.Jpeg, Covers: false } wanted && width <= wanted.MaxWidth && height <= wanted.MaxHeight)
            Send(output, page.Content, order, width, height);
        else
            AnswerPicture(output, page.Content, null, order);
    }

    private static void AnswerBytes(Stream output, NativeBytes original, ChildOrder order)
    {
        ChildReply? refusal = null;
        var made = order.Wanted.Source switch
        {
            RenderSource.PictureFacts when Refusal(original.Content, order, out _) is var no && no?.Code is "corrupt" => Refused(no, out refusal),
            RenderSource.PictureFacts => PictureFacts.Of(original.Content),
            RenderSource.PdfFacts => PdfTools.Facts(original, out refusal),
            RenderSource.PdfText => PdfTools.Text(original, out refusal),
            RenderSource.PlainText => PlainText.Of(original.Content),
            RenderSource.OfficeText => OfficeText.Of(original),
            RenderSource.Archive => ArchiveFacts.Of(original),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (refusal is not null)
            output.Write(ChildProtocol.Frame(refusal));
        else
            Send(output, made, order, 0, 0);
    }

    private static byte[] Refused(ChildReply no, out ChildReply? refusal)
    {
        refusal = no;
        return [];
    }

    // Of what is laid over, the first frame is.
    private static ChildReply? Refusal(NativeBytes? mark, ChildOrder order)
    {
        if (mark is null)
            return null;
        try
        {
            return Refusal(mark.Content, order with { Wanted = order.Wanted with { IsAnimated = false } }, out _) is { } no
                ? ChildReply.Failed($"mark-{no.Code}", $"Of the picture that is to be laid over it: {no.Detail}")
                : null;
        }
        catch (VipsException)
        {
            throw new VipsMarkException();
        }
    }

    private static ChildReply? Refusal(ReadOnlySpan<byte> original, ChildOrder order, out VipsHeader? header)
    {
        header = null;
        if (!Vips.Sniff(original))
            return ChildReply.Failed("corrupt", "The bytes are no picture of a type that is read.");
        header = Vips.ReadHeader(original, []);
        return (long)header.Width * header.Height * (order.Wanted.IsAnimated ? header.Frames : 1) > order.MaxPixels
            ? ChildReply.Failed("too-many-pixels", $"{header.Width} × {header.Height} pixels are more than are decoded.")
            : null;
    }

    private static void Send(Stream output, ReadOnlySpan<byte> made, ChildOrder order, int width, int height)
    {
        if (made.Length > order.MaxOutputBytes)
        {
            output.Write(ChildProtocol.Frame(ChildReply.Failed("too-large", "The picture made of it would be too large.")));
            return;
        }

        output.Write(ChildProtocol.Frame(new ChildReply(null, null, width, height, made.Length)));
        output.Write(made);
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
        RenderFormat.Avif => ".avif[Q=55,effort=2,strip]",
        RenderFormat.Gif => ".gif[strip]",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
