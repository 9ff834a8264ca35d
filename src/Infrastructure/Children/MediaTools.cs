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

    /// <summary>So much of a sound that flows by is kept, to be looked at before it is decoded: pictures of covers stand in it, too.</summary>
    public const int BeginningBytes = 16 << 20;

    private const int MaxFactsBytes = 256 * 1024;

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
        // What is left out is not looked for in vain, nor is anything shown for it.
        if (order is { LeftOutBytes: > 0, Wanted.FromSecond: > 0 })
            return Refuse(TooLarge, out refusal);
        if (Look(original, order, out refusal) is not { } media)
            return null;
        // Recorders of sound write what calls itself a video.
        if (media.Video is not { } video)
        {
            return media.Audio is null
                ? Refuse(ChildReply.Failed("no-video", "There is no video in the file."), out refusal)
                : order.LeftOutBytes > 0 ? Refuse(TooLarge, out refusal)
                : Wave(original, null, order with { Wanted = order.Wanted with { MaxHeight = Math.Max(1, order.Wanted.MaxWidth / 3) } }, out refusal);
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
        return first is not null || refusal is not { Code: "corrupt" } ? first
            : order.LeftOutBytes > 0 ? Refuse(TooLarge, out refusal)
            : start.Length > 0 ? Refuse(ChildReply.Failed("no-such-second", "The video does not last so long."), out refusal)
            : first;

        DrawnPicture? Draw(IEnumerable<string> before, string filters, out ChildReply? refusal)
        {
            var tool = Ffmpeg(original, media.Format, before, [
                "-map", "0:V:0", "-an", "-sn", "-dn", "-filter_threads", "1", "-vf", filters, "-frames:v", "1", "-c:v", "ppm", "-f", "image2pipe"]);
            using var said = tool.Run(shown.Width * shown.Height * 3 + 64, out refusal);
            return said is null ? null : ReadPpm(said.Content, shown.Width, shown.Height) ?? Refuse(MediaTool.Corrupt, out refusal);
        }
    }

    /// <summary>How loud it is over its time; or null and why.</summary>
    /// <param name="original">All of it, or its beginning.</param>
    /// <param name="rest">What follows, when that is not all.</param>
    public static DrawnPicture? Wave(MemoryFile original, Stream? rest, ChildOrder order, out ChildReply? refusal)
    {
        if (Look(original, order, out refusal) is not { } media)
            return null;
        if (media.Audio is null)
            return Refuse(ChildReply.Failed("no-audio", "There is no sound in the file."), out refusal);
        var tool = Ffmpeg(rest is null ? original : null, media.Format, [], [
            "-map", "0:a:0", "-vn", "-sn", "-dn", "-filter_threads", "1", "-af", "aformat=sample_fmts=s16:channel_layouts=mono", "-c:a", "pcm_s16le", "-f", "s16le"]);
        var wave = new Waveform();
        refusal = tool.Run(wave.Add, rest is null ? null : input =>
        {
            original.CopyTo(input);
            rest.CopyTo(input);
        });
        // What is damaged further on is drawn as far as it goes.
        return !wave.IsEmpty && refusal is null or { Code: "corrupt" } ? wave.Draw(order.Wanted.MaxWidth, order.Wanted.MaxHeight)
            // Who hears it once cannot turn to a table at its end.
            : rest is not null && refusal is null or { Code: "corrupt" } ? Refuse(TooLarge, out refusal)
            : refusal is not null ? null
            : Refuse(MediaTool.Corrupt, out refusal);
    }

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
        {
            if (refusal is { Code: "corrupt" } && (order.Flows || order.LeftOutBytes > 0))
                refusal = TooLarge;
            return null;
        }

        if (Media.Read(format, said.Content) is not { } media)
            refusal = MediaTool.Corrupt;
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

    // Damaged, or told of where it is not looked at.
    private static ChildReply TooLarge => ChildReply.Failed("too-large", "What is looked at of a file so large does not tell enough.");

    // An original that is null is what it is fed with.
    private static MediaTool Ffmpeg(MemoryFile? original, MediaFormat format, IEnumerable<string> before, IEnumerable<string> then) => new(
        "ffmpeg", ["-nostdin", "-threads", "1", .. before, .. Reading(original, format), .. then, "-map_metadata", "-1", "-threads", "1", "pipe:1"]);

    private static string[] Reading(MemoryFile? original, MediaFormat format) =>
    [
        "-v", "error", "-protocol_whitelist", original is null ? "pipe" : "file", "-format_whitelist", format.Demuxers, "-codec_whitelist", Decoders,
        "-max_streams", (2 * MaxStreams).ToString(CultureInfo.InvariantCulture),
        "-max_pixels", MaxFramePixels.ToString(CultureInfo.InvariantCulture),
        "-probesize", "5000000", "-analyzeduration", "5000000",
        "-f", format.Demuxer, "-i", original is null ? "pipe:0" : $"file:{original.Path}",
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
}
