using System.Globalization;
using System.Text.Json;

namespace EventFiles.Infrastructure.Children;

/// <summary>A type of file, and which of ffmpeg's readers is for it.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Demuxer">What it is asked for by.</param>
/// <param name="Demuxers">Its name in full, all of which ffmpeg compares.</param>
internal sealed record MediaFormat(string Name, string Demuxer, string Demuxers)
{
    /// <summary>By the first bytes alone; null for what is not read. Playlists and lists of pictures are text, and never read.</summary>
    public static MediaFormat? Of(ReadOnlySpan<byte> head) =>
        head.Length < 12 ? null
        : head[4..].StartsWith("ftypqt  "u8) ? Iso("mov")
        : head[4..].StartsWith("ftyp"u8) ? Iso("mp4")
        : head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) ? new(head.IndexOf("webm"u8) >= 0 ? "webm" : "matroska", "matroska", "matroska,webm")
        : head.StartsWith("RIFF"u8) && head[8..].StartsWith("AVI "u8) ? new("avi", "avi", "avi")
        : head.StartsWith("RIFF"u8) && head[8..].StartsWith("WAVE"u8) ? new("wav", "wav", "wav")
        : head.StartsWith("fLaC"u8) ? new("flac", "flac", "flac")
        : head.StartsWith("OggS"u8) ? new("ogg", "ogg", "ogg")
        : head.StartsWith("ID3"u8) || head is [0xFF, 0xFB or 0xF3 or 0xF2, ..] ? new("mp3", "mp3", "mp3")
        : null;

    private static MediaFormat Iso(string name) => new(name, "mov", "mov,mp4,m4a,3gp,3g2,mj2");
}

/// <summary>A video as it is seen: upright, its pixels square.</summary>
internal sealed record VideoStream(string Codec, int Width, int Height, double FramesPerSecond);

/// <summary>A sound.</summary>
internal sealed record AudioStream(string Codec, int Channels, int SamplesPerSecond);

/// <summary>What the header of a video or sound tells. Titles, names, places and days are never asked for.</summary>
internal sealed record Media(MediaFormat Format, int Streams, double? Seconds, VideoStream? Video, AudioStream? Audio)
{
    /// <summary>What ffprobe said, or null when that is nothing. Pictures of covers are no video.</summary>
    public static Media? Read(MediaFormat format, ReadOnlySpan<byte> json)
    {
        try
        {
            using var said = JsonDocument.Parse(json.ToArray());
            var root = said.RootElement;
            var streams = root.TryGetProperty("streams", out var all) ? all.EnumerateArray().ToList() : [];
            var whole = root.TryGetProperty("format", out var one) ? one : default;
            return streams.Count == 0 ? null : new Media(
                format, Math.Max(streams.Count, Whole(whole, "nb_streams")), Number(whole, "duration"),
                streams.Where(stream => Text(stream, "codec_type") is "video" && !IsCover(stream)).Select(AsVideo).FirstOrDefault(),
                streams.Where(stream => Text(stream, "codec_type") is "audio").Select(AsAudio).FirstOrDefault());
        }
        catch (Exception why) when (why is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static VideoStream? AsVideo(JsonElement stream)
    {
        var (width, height) = (Whole(stream, "width"), Whole(stream, "height"));
        if (width <= 0 || height <= 0)
            return null;
        // Pixels that are not square: as wide as they are shown, within reason.
        if (Ratio(Text(stream, "sample_aspect_ratio"), ':') is >= 0.1 and <= 10 and var wide)
            width = Math.Max(1, (int)Math.Round(width * wide));
        var isTurned = stream.TryGetProperty("side_data_list", out var sides)
            && sides.EnumerateArray().Any(side => Number(side, "rotation") is { } turn && (int)Math.Abs(turn) % 180 == 90);
        return new VideoStream(
            Text(stream, "codec_name") ?? "unknown", isTurned ? height : width, isTurned ? width : height,
            Ratio(Text(stream, "avg_frame_rate"), '/') ?? 0);
    }

    private static AudioStream AsAudio(JsonElement stream) =>
        new(Text(stream, "codec_name") ?? "unknown", Whole(stream, "channels"), Whole(stream, "sample_rate"));

    private static bool IsCover(JsonElement stream) =>
        stream.TryGetProperty("disposition", out var disposition) && Whole(disposition, "attached_pic") == 1;

    private static string? Text(JsonElement of, string name) =>
        of.ValueKind is JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    // Some are numbers, some are texts.
    private static double? Number(JsonElement of, string name) =>
        of.ValueKind is JsonValueKind.Object && of.TryGetProperty(name, out var value)
        && double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static int Whole(JsonElement of, string name) => (int)Math.Clamp(Number(of, name) ?? 0, 0, int.MaxValue);

    private static double? Ratio(string? text, char between) =>
        text?.Split(between) is [var over, var under]
        && double.TryParse(over, NumberStyles.Float, CultureInfo.InvariantCulture, out var above)
        && double.TryParse(under, NumberStyles.Float, CultureInfo.InvariantCulture, out var below) && below > 0
            ? above / below
            : null;
}
