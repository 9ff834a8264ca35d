using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>Videos and sounds, and what reads them.</summary>
internal static class MediaTypes
{
    /// <summary>The program, which not every machine has.</summary>
    public const string Tool = "ffmpeg";

    public static readonly ImmutableArray<string> Videos =
        ["video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/x-msvideo"];

    public static readonly ImmutableArray<string> Sounds =
        ["audio/mpeg", "audio/wav", "audio/flac", "audio/ogg", "audio/mp4"];
}
