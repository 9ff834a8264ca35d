using System.Collections.Immutable;

namespace EventFiles.Features.Vocabulary;

/// <summary>The small pictures that lists show of files.</summary>
public static class ThumbnailVariants
{
    /// <summary>What the variants are called, by the file's type.</summary>
    public static readonly ImmutableArray<string> Names = ["thumbnail", "pdf_thumbnail", "video_poster", "audio_waveform"];
}
