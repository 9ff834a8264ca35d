using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Makes pictures, texts and facts of files in sandboxed child processes: no shell, limits on time, memory, processor and output, always
/// reaped. The host never decodes a file itself.
/// </summary>
public interface IRenderer
{
    /// <summary>Makes one thing of <paramref name="original"/>.</summary>
    /// <exception cref="TransientException">The tool could not run; the file is not to blame.</exception>
    Task<Rendering> Render(Stream original, RenderOrder order, CancellationToken cancel);
}

/// <summary>Which programs that not every machine has are on this one.</summary>
public interface ITools
{
    /// <summary>Whether children find it.</summary>
    /// <param name="program">Its file's name: <c>ffmpeg</c>.</param>
    bool Has(string program);
}

/// <summary>What is to be made.</summary>
/// <param name="Source">How to read the original, and what of it.</param>
/// <param name="MaxWidth">Of a picture, in pixels; it keeps its proportions and is never enlarged.</param>
/// <param name="MaxHeight">Pixels.</param>
/// <param name="Format">How to write the result.</param>
public sealed record RenderOrder(RenderSource Source, int MaxWidth, int MaxHeight, RenderFormat Format)
{
    /// <summary>Which page of a document, from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Of a video: the frame is looked for from this second on.</summary>
    public int FromSecond { get; init; }

    /// <summary>The box is filled, and what is beyond it cut off evenly; else the whole picture is fitted in.</summary>
    public bool Covers { get; init; }

    /// <summary>All frames of a picture that moves; else the first.</summary>
    public bool IsAnimated { get; init; }

    /// <summary>What is laid over the picture; null for nothing.</summary>
    public RenderMark? Mark { get; init; }

    /// <summary>Nothing that a child makes gets another type than was ordered, whatever the child says.</summary>
    public string ContentType => Format switch
    {
        RenderFormat.Jpeg => "image/jpeg",
        RenderFormat.Png => "image/png",
        RenderFormat.Webp => "image/webp",
        RenderFormat.Avif => "image/avif",
        RenderFormat.Gif => "image/gif",
        RenderFormat.Text => "text/plain; charset=utf-8",
        RenderFormat.Json => "application/json",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>Words over a picture, or another picture.</summary>
/// <param name="Text">Plain text, one line; empty where it is a picture.</param>
/// <param name="Position">Where.</param>
/// <param name="OpacityPercent">1 to 100; what of a picture is transparent stays so.</param>
public sealed record RenderMark(string Text, RenderPosition Position, int OpacityPercent)
{
    /// <summary>The largest picture that is laid over others, in bytes.</summary>
    public const int MaxPictureBytes = 8 << 20;

    /// <summary>How wide a picture becomes, in percent of the one below it; it keeps its proportions and stays within that.</summary>
    public int WidthPercent { get; init; }

    /// <summary>The picture's own bytes, of a type that is read here; hostile until the child has read them. Null: the words.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte>? Picture { get; init; }
}

public enum RenderPosition { BottomRight, BottomLeft, TopRight, TopLeft, Centre }

/// <summary>What is read, and what of it is made.</summary>
public enum RenderSource
{
    /// <summary>A picture; a picture is made of it.</summary>
    Picture,

    /// <summary>A PDF; a picture of a page is made of it.</summary>
    PdfPage,

    /// <summary>A picture; what its header tells, nothing about persons and places.</summary>
    PictureFacts,

    /// <summary>A PDF; how many pages it has, and of which size.</summary>
    PdfFacts,

    /// <summary>Plain text in some encoding; the same in UTF-8, as much as there is room for.</summary>
    PlainText,

    /// <summary>A PDF; its text.</summary>
    PdfText,

    /// <summary>A document, sheet or presentation of OOXML or OpenDocument; its text.</summary>
    OfficeText,

    /// <summary>A ZIP or tar archive; the names and sizes of what is in it.</summary>
    Archive,

    /// <summary>A video; one of its frames, upright, is made into a picture.</summary>
    VideoFrame,

    /// <summary>Sound; a picture of how loud it is from its beginning to its end.</summary>
    SoundWave,

    /// <summary>A video or sound; how long it is, of which size and in which codecs, nothing about persons and places.</summary>
    MediaFacts,
}

/// <summary>How long it takes.</summary>
public static class RenderSources
{
    /// <summary>Programs run on the whole of it, for seconds: what is made of a picture must not stand behind that.</summary>
    public static bool IsLong(this RenderSource source) => source is RenderSource.PdfPage or RenderSource.PdfFacts or RenderSource.PdfText
        or RenderSource.OfficeText or RenderSource.VideoFrame or RenderSource.SoundWave or RenderSource.MediaFacts;
}

public enum RenderFormat { Jpeg, Png, Webp, Avif, Gif, Text, Json }

/// <summary>What became of an order.</summary>
public abstract record Rendering
{
    private Rendering() { }

    /// <summary>What was made.</summary>
    /// <param name="Content">Its bytes, at most a few megabytes; the receiver disposes of it.</param>
    /// <param name="Width">Of a picture, in pixels; else 0.</param>
    /// <param name="Height">The same.</param>
    public sealed record Made(Stream Content, string ContentType, int Width, int Height) : Rendering;

    /// <summary>It cannot be made of this file; trying again would not help.</summary>
    /// <param name="Code">Stable: <c>corrupt</c>, <c>too-many-pixels</c>, <c>too-slow</c>, <c>too-hungry</c>, <c>crashed</c>, <c>no-such-page</c>, <c>no-such-second</c>, <c>no-video</c>, <c>no-audio</c>, <c>too-long</c>, <c>too-many-streams</c>, <c>mark-corrupt</c>, <c>mark-too-many-pixels</c>.</param>
    /// <param name="Detail">For a person; never holds the file's name or content.</param>
    public sealed record Failed(string Code, string Detail) : Rendering;
}
