using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// Runs the programs of ffmpeg inside the child's own sandbox. They read the original as a file in memory that nobody can
/// change, by the one reader that its first bytes call for, and can open nothing else by way of it: a playlist, a picture
/// list or a reference to another file is no such reader's affair. They may not write a file of a single byte. What they
/// give are plain values, which nothing decodes a second time.
/// </summary>
internal static class MediaTools
{
    /// <summary>The largest frame that is decoded, in pixels: 8192 by 4320.</summary>
    public const int MaxFramePixels = 8192 * 4320;

    /// <summary>Streams that a file may have.</summary>
    public const int MaxStreams = 32;

    /// <summary>The longest file that is decoded.</summary>
    public static readonly TimeSpan MaxLength = TimeSpan.FromHours(24);

    private const int Crash = 128;
    private const int OutOfCpu = Crash + 24;
    private const int MaxFactsBytes = 256 * 1024;
    private const int MaxComplaintLines = 200;

    // Where a frame is looked for: cheaply at first.
    private static readonly string[][] Looks = [["-skip_frame", "nokey", "-t", "60"], ["-t", "12"]];

    // Half a second apart, so that a few frames tell of more than a moment. They are small by then: all of them are kept.
    private const string Usual = "select='isnan(prev_selected_t)+gte(t-prev_selected_t,0.5)',thumbnail=12";
    private const string NotBlack = "blackframe=amount=0:threshold=32,metadata=mode=select:key=lavfi.blackframe.pblack:value=95:function=less,";

    // What browsers, cameras and recorders write. Of the some five hundred decoders no others are ever run.
    private const string Decoders =
        "h264,hevc,vp8,libvpx,vp9,libvpx-vp9,av1,libdav1d,libaom-av1,mpeg4,msmpeg4,msmpeg4v2,mpeg1video,mpeg2video,h263,mjpeg,prores,dnxhd,"
        + "dvvideo,theora,ffv1,rawvideo,png,"
        + "aac,aac_fixed,mp3,mp3float,mp2,mp2float,flac,vorbis,libvorbis,opus,libopus,alac,ac3,eac3,amrnb,amrwb,adpcm_ima_wav,adpcm_ms,pcm_alaw,"
        + "pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be";

    /// <summary>Whether this is read from a file in memory.</summary>
    public static bool Reads(RenderSource source) => source is RenderSource.VideoFrame or RenderSource.SoundWave or RenderSource.MediaFacts;

    /// <summary>How long it is, of which size and in which codecs, as JSON; or null and why.</summary>
    public static byte[]? Facts(MemoryFile original, ChildOrder order, out ChildReply? refusal)
    {
        if (Look(original, order, out refusal) is not { } media)
            return null;
        using var facts = new MemoryStream();
        using (var json = new Utf8JsonWriter(facts))
        {
            json.WriteStartObject();
            json.WriteString("format", media.Format.Name);
            if (media.Seconds is { } seconds)
                json.WriteNumber("durationSeconds", Math.Round(seconds, 3));
            if (media.Video is { } video)
            {
                json.WriteStartObject("video");
                json.WriteString("codec", video.Codec);
                json.WriteNumber("width", video.Width);
                json.WriteNumber("height", video.Height);
                if (video.FramesPerSecond > 0)
                    json.WriteNumber("framesPerSecond", Math.Round(video.FramesPerSecond, 3));
                json.WriteEndObject();
            }

            if (media.Audio is { } audio)
            {
                json.WriteStartObject("audio");
                json.WriteString("codec", audio.Codec);
                json.WriteNumber("channels", audio.Channels);
                json.WriteNumber("samplesPerSecond", audio.SamplesPerSecond);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return facts.ToArray();
    }

    /// <summary>One of the first frames that are not black, upright, in the wanted size; or null and why.</summary>
    public static DrawnPicture? Frame(MemoryFile original, ChildOrder order, out ChildReply? refusal)
    {
        if (Look(original, order, out refusal) is not { } media)
            return null;
        // Recorders of sound write what calls itself a video.
        if (media.Video is not { } video)
        {
            return media.Audio is null
                ? Refuse(ChildReply.Failed("no-video", "There is no video in the file."), out refusal)
                : Wave(original, order with { Wanted = order.Wanted with { MaxHeight = Math.Max(1, order.Wanted.MaxWidth / 3) } }, out refusal);
        }

        var (scaled, shown) = Fit(video, order.Wanted);
        var size = string.Create(CultureInfo.InvariantCulture,
            $"scale={scaled.Width}:{scaled.Height},setsar=1,crop={shown.Width}:{shown.Height}:exact=1,format=yuv420p,");
        string[] start = order.Wanted.FromSecond is > 0 and var second ? ["-ss", second.ToString(CultureInfo.InvariantCulture)] : [];
        foreach (var look in Looks)
        {
            if (Draw([.. start, .. look], size + NotBlack + Usual, out refusal) is { } frame)
                return frame;
            if (refusal is { Code: "too-slow" or "crashed" or "too-hungry" })
                return null;
        }

        // All of it is black, or too short.
        var first = Draw(start, size + "null", out refusal);
        return first is null && refusal is { Code: "corrupt" } && start.Length > 0
            ? Refuse(ChildReply.Failed("no-such-second", "The video does not last so long."), out refusal)
            : first;

        DrawnPicture? Draw(IEnumerable<string> before, string filters, out ChildReply? refusal)
        {
            var tool = Ffmpeg(original, media.Format, before, [
                "-map", "0:V:0", "-an", "-sn", "-dn", "-filter_threads", "1", "-vf", filters, "-frames:v", "1", "-c:v", "ppm", "-f", "image2pipe"]);
            using var said = tool.Run(shown.Width * shown.Height * 3 + 64, out refusal);
            return said is null ? null : ReadPpm(said.Content, shown.Width, shown.Height) ?? Refuse(Corrupt, out refusal);
        }
    }

    /// <summary>How loud it is over its time; or null and why.</summary>
    public static DrawnPicture? Wave(MemoryFile original, ChildOrder order, out ChildReply? refusal)
    {
        if (Look(original, order, out refusal) is not { } media)
            return null;
        if (media.Audio is null)
            return Refuse(ChildReply.Failed("no-audio", "There is no sound in the file."), out refusal);
        var tool = Ffmpeg(original, media.Format, [], [
            "-map", "0:a:0", "-vn", "-sn", "-dn", "-filter_threads", "1", "-af", "aformat=sample_fmts=s16:channel_layouts=mono", "-c:a", "pcm_s16le", "-f", "s16le"]);
        var wave = new Waveform();
        refusal = tool.Run(wave.Add);
        // What is damaged further on is drawn as far as it goes.
        return !wave.IsEmpty && refusal is null or { Code: "corrupt" } ? wave.Draw(order.Wanted.MaxWidth, order.Wanted.MaxHeight)
            : refusal is not null ? null
            : Refuse(Corrupt, out refusal);
    }

    private static ChildReply Corrupt => ChildReply.Failed("corrupt", "The file is damaged or incomplete.");

    // What the header tells, before anything is decoded for a picture.
    private static Media? Look(MemoryFile original, ChildOrder order, out ChildReply? refusal)
    {
        refusal = null;
        if (MediaFormat.Of(original.Head(64)) is not { } format)
        {
            refusal = ChildReply.Failed("corrupt", "The bytes are no video or sound of a type that is read.");
            return null;
        }

        var tool = new MediaTool("ffprobe", [
            .. Reading(original, format), "-of", "json", "-show_entries",
            "stream=codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,channels,sample_rate"
            + ":stream_disposition=attached_pic:stream_side_data=rotation:format=duration,nb_streams"]);
        using var said = tool.Run(MaxFactsBytes, out refusal);
        if (said is null)
            return null;
        if (Media.Read(format, said.Content) is not { } media)
            refusal = Corrupt;
        else if (media.Streams > MaxStreams)
            refusal = ChildReply.Failed("too-many-streams", $"{media.Streams} streams are more than are read.");
        else if (media.Seconds > MaxLength.TotalSeconds)
            refusal = ChildReply.Failed("too-long", "It is longer than what is read.");
        else if (order.Wanted.Source is RenderSource.VideoFrame && media.Video is { } video
            && (long)video.Width * video.Height > Math.Min(order.MaxPixels, MaxFramePixels))
            refusal = ChildReply.Failed("too-many-pixels", $"{video.Width} × {video.Height} pixels are more than are decoded.");
        else
            return media;
        return null;
    }

    private static MediaTool Ffmpeg(MemoryFile original, MediaFormat format, IEnumerable<string> before, IEnumerable<string> then) => new(
        "ffmpeg", ["-nostdin", "-threads", "1", .. before, .. Reading(original, format), .. then, "-map_metadata", "-1", "-threads", "1", "pipe:1"]);

    private static string[] Reading(MemoryFile original, MediaFormat format) =>
    [
        "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", format.Demuxers, "-codec_whitelist", Decoders,
        "-max_streams", (2 * MaxStreams).ToString(CultureInfo.InvariantCulture),
        "-max_pixels", MaxFramePixels.ToString(CultureInfo.InvariantCulture),
        "-probesize", "5000000", "-analyzeduration", "5000000",
        "-f", format.Demuxer, "-i", $"file:{original.Path}",
    ];

    // As pictures are fitted: never enlarged, and a box that is filled is filled from the middle.
    private static ((int Width, int Height) Scaled, (int Width, int Height) Shown) Fit(VideoStream video, RenderOrder wanted)
    {
        var (across, down) = ((double)wanted.MaxWidth / video.Width, (double)wanted.MaxHeight / video.Height);
        var factor = Math.Min(1, wanted.Covers ? Math.Max(across, down) : Math.Min(across, down));
        var scaled = (
            Width: Math.Max(1, (int)Math.Round(video.Width * factor)), Height: Math.Max(1, (int)Math.Round(video.Height * factor)));
        return (scaled, (Math.Min(scaled.Width, wanted.MaxWidth), Math.Min(scaled.Height, wanted.MaxHeight)));
    }

    private static DrawnPicture? ReadPpm(ReadOnlySpan<byte> said, int width, int height)
    {
        var head = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P6\n{width} {height}\n255\n"));
        return said.StartsWith(head) && said.Length - head.Length == width * height * 3
            ? new DrawnPicture(said[head.Length..].ToArray(), width, height, 3)
            : null;
    }

    private static DrawnPicture? Refuse(ChildReply why, out ChildReply? refusal)
    {
        refusal = why;
        return null;
    }

    /// <summary>One run of a program.</summary>
    private sealed class MediaTool(string program, IReadOnlyList<string> arguments)
    {
        /// <summary>All that it says, at most so much; or null and why.</summary>
        public NativeBytes? Run(int maxBytes, out ChildReply? refusal)
        {
            NativeBytes? said = null;
            var isEmpty = true;
            refusal = Run(output =>
            {
                said = NativeBytes.ReadToEnd(output, maxBytes, cuts: false, out _);
                isEmpty = said is null or { Content.Length: 0 };
            });
            if (refusal is null && isEmpty)
                refusal = Corrupt;
            if (refusal is null)
                return said;
            said?.Dispose();
            return null;
        }

        /// <summary>Hands over what it says as it comes.</summary>
        /// <returns>Why not all of it came; or null.</returns>
        public ChildReply? Run(Action<Stream> take)
        {
            // The limit on files is not to be raised again by what runs there.
            using var tool = Process.Start(new ProcessStartInfo("prlimit", ["--fsize=0", "--nofile=64", program, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            tool.StandardInput.Close();
            var lacksMemory = false;
            var complaints = new Thread(() => lacksMemory = Listen(tool.StandardError));
            complaints.Start();
            take(tool.StandardOutput.BaseStream);
            // It is not waited for what it goes on to say.
            tool.StandardOutput.Close();
            tool.WaitForExit();
            complaints.Join();
            return tool.ExitCode switch
            {
                0 => null,
                OutOfCpu => ChildReply.Failed("too-slow", "Reading it takes longer than is allowed."),
                _ when lacksMemory => ChildReply.Failed("too-hungry", "Reading it takes more memory than is allowed."),
                > Crash => ChildReply.Failed("crashed", "The file breaks the program that reads it."),
                _ => Corrupt,
            };
        }

        private static bool Listen(StreamReader errors)
        {
            var lacksMemory = false;
            for (var lines = 0; errors.ReadLine() is { } line; lines++)
                lacksMemory |= lines < MaxComplaintLines && line.Contains("Cannot allocate memory", StringComparison.Ordinal);
            return lacksMemory;
        }
    }
}

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
