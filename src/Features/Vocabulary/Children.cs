namespace EventFiles.Features.Vocabulary;

/// <summary>
/// Makes pictures of files in sandboxed child processes: no shell, limits on time, memory, processor and output, always
/// reaped. The host never decodes a file itself.
/// </summary>
public interface IRenderer
{
    /// <summary>Renders one picture of <paramref name="original"/>.</summary>
    /// <exception cref="TransientException">The tool could not run; the file is not to blame.</exception>
    Task<Rendering> Render(Stream original, RenderOrder order, CancellationToken cancel);
}

/// <summary>What is to be made.</summary>
/// <param name="Source">How to read the original.</param>
/// <param name="MaxWidth">Pixels; the picture keeps its proportions and is never enlarged.</param>
/// <param name="MaxHeight">Pixels.</param>
/// <param name="Format">How to write the result.</param>
public sealed record RenderOrder(RenderSource Source, int MaxWidth, int MaxHeight, RenderFormat Format);

public enum RenderSource { Picture, PdfFirstPage }

public enum RenderFormat { Jpeg, Png, Webp }

/// <summary>What became of an order.</summary>
public abstract record Rendering
{
    private Rendering() { }

    /// <summary>The picture.</summary>
    /// <param name="Content">The picture's bytes, at most a few megabytes; the receiver disposes of it.</param>
    public sealed record Made(Stream Content, string ContentType, int Width, int Height) : Rendering;

    /// <summary>The file cannot be rendered; trying again would not help.</summary>
    /// <param name="Code">Stable: <c>corrupt</c>, <c>too-many-pixels</c>, <c>too-slow</c>, <c>too-hungry</c>, <c>crashed</c>.</param>
    /// <param name="Detail">For a person; never holds the file's name or content.</param>
    public sealed record Failed(string Code, string Detail) : Rendering;
}
