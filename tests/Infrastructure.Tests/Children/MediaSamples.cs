using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>Real videos and sounds, made by ffmpeg when they are needed; and such as nobody's program would write.</summary>
internal static class MediaSamples
{
    /// <summary>A video of plain colours, one after the other; with a sound when the suffix is of a kind that has one.</summary>
    /// <param name="suffix">Names the container: <c>.mp4</c>.</param>
    /// <param name="colours">Each with how many seconds it lasts.</param>
    public static byte[] Video(string suffix, int width, int height, params (string Colour, double Seconds)[] colours) => Make(suffix, [
        .. colours.SelectMany(one => (string[])["-f", "lavfi", "-i", FormattableString.Invariant($"color={one.Colour}:s={width}x{height}:r=25:d={one.Seconds}")]),
        "-filter_complex", string.Concat(colours.Select((_, at) => $"[{at}]")) + $"concat=n={colours.Length}", .. Codec(suffix)]);

    /// <summary>A video that is red for twelve seconds and then snow, which no codec makes small.</summary>
    public static byte[] Snow(string suffix) => Make(suffix, [
        "-f", "lavfi", "-i", "color=red:s=320x240:r=25:d=12", "-f", "lavfi", "-i", "nullsrc=s=320x240:r=25:d=6,geq=lum='random(1)*255':cb=128:cr=128",
        "-filter_complex", "[0][1]concat=n=2", .. Codec(suffix)]);

    /// <summary>A film as it lies on a disk, so many bytes of nothing between its frames and the table that says where they are.</summary>
    public static Stream Stretched(byte[] mp4, long bytes)
    {
        var table = mp4.AsSpan().IndexOf("moov"u8) - sizeof(int);
        var free = new byte[16];
        (free[3], free[4], free[5], free[6], free[7]) = (1, (byte)'f', (byte)'r', (byte)'e', (byte)'e');
        BinaryPrimitives.WriteInt64BigEndian(free.AsSpan(8), free.Length + bytes);
        return new HollowStream([.. mp4[..table], .. free], bytes, mp4[table..]);
    }

    /// <summary>A picture that moves, with a sound, and with names and places wherever the container has room for them.</summary>
    public static byte[] Telling(string suffix) => Make(suffix, [
        "-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=2", "-f", "lavfi", "-i", "sine=f=440:d=2",
        .. ((string[])["title", "artist", "comment", "location", "location-eng", "com.apple.quicktime.location.ISO6709", "encoder"])
            .SelectMany(name => (string[])["-metadata", $"{name}={Samples.Canary}"]),
        "-metadata:s:v", $"title={Samples.Canary}", "-movflags", "use_metadata_tags", .. Codec(suffix)]);

    /// <summary>A sound as ffmpeg's expression says: of <c>t</c> in seconds, from -1 to 1.</summary>
    public static byte[] Sound(string suffix, string expression, double seconds) => Make(suffix, [
        "-f", "lavfi", "-i", FormattableString.Invariant($"aevalsrc='{expression}':s=44100:d={seconds}"),
        "-metadata", $"title={Samples.Canary}", "-metadata", $"artist={Samples.Canary}"]);

    /// <summary>One stream many times over.</summary>
    public static byte[] Streams(int count) => Make(".mkv", [
        "-f", "lavfi", "-i", "anullsrc=d=0.2", .. Enumerable.Range(0, count).SelectMany(_ => (string[])["-map", "0"]), "-c:a", "pcm_u8"]);

    /// <summary>Left red, right blue.</summary>
    public static byte[] TwoColoured() => Make(".mp4", [
        "-f", "lavfi", "-i", "color=red:s=160x240:r=25:d=1", "-f", "lavfi", "-i", "color=blue:s=160x240:r=25:d=1",
        "-filter_complex", "[0][1]hstack", .. Codec(".mp4")]);

    /// <summary>The same, held sideways: a quarter turn to the right makes it upright.</summary>
    public static byte[] Turned(byte[] mp4) => With(mp4, "tkhd", 40, [
        0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0]);

    /// <summary>The bytes, some of them others.</summary>
    /// <param name="box">The four letters behind which they are counted.</param>
    public static byte[] With(byte[] bytes, string box, int at, byte[] others)
    {
        bytes = bytes.ToArray();
        others.CopyTo(bytes, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(box)) + 4 + at);
        return bytes;
    }

    /// <summary>A list of what to play, as servers of films give it.</summary>
    public static byte[] Playlist(string address) => Encoding.ASCII.GetBytes(
        $"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n{address}\n#EXT-X-ENDLIST\n");

    /// <summary>Begins as sounds with a title do: many programs look behind that to find out what a file is.</summary>
    public static byte[] BehindTitle(byte[] content) => [.. "ID3"u8, 3, 0, 0, 0, 0, 0, 10, .. new byte[10], .. content];

    /// <summary>A film whose subtitles are that: players are to find out by themselves what they are.</summary>
    public static byte[] AsSubtitles(byte[] content)
    {
        byte[] subtitles = [.. "GAB2\0"u8, 2, 0, .. Number(2), 0, 0, 4, 0, .. Number(content.Length), .. content];
        byte[] header =
        [
            .. Chunk("avih", [.. Number(40_000), .. new byte[8], .. Number(0x10), .. Number(1), .. Number(0), .. Number(1), .. new byte[28]]),
            .. Chunk("LIST", [
                .. "strl"u8,
                .. Chunk("strh", [.. "txts"u8, .. new byte[16], .. Number(1), .. Number(1), .. Number(0), .. Number(1), .. new byte[20]]),
                .. Chunk("strf", [])]),
        ];
        return Chunk("RIFF", [.. "AVI "u8, .. Chunk("LIST", [.. "hdrl"u8, .. header]), .. Chunk("LIST", [.. "movi"u8, .. Chunk("00tx", subtitles)])]);
    }

    private sealed class HollowStream(byte[] head, long hollow, byte[] tail) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => head.Length + hollow + tail.Length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var inTail = Position - head.Length - hollow;
            var part = Position < head.Length ? head.AsSpan((int)Position) : inTail >= 0 ? tail.AsSpan((int)inTail) : default;
            var count = (int)Math.Min(buffer.Length, inTail < 0 && part.IsEmpty ? -inTail : part.Length);
            if (part.IsEmpty)
                buffer[..count].Clear();
            else
                part[..count].CopyTo(buffer);
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private static byte[] Chunk(string name, byte[] content) =>
        [.. Encoding.ASCII.GetBytes(name), .. Number(content.Length), .. content, .. new byte[content.Length & 1]];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static string[] Codec(string suffix) => suffix switch
    {
        ".webm" => ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"],
        ".avi" => ["-c:v", "mpeg4", "-q:v", "2"],
        _ => ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
    };

    private static byte[] Make(string suffix, string[] arguments)
    {
        var file = Path.Combine(Path.GetTempPath(), $"eventfiles-media-{Guid.NewGuid():n}{suffix}");
        try
        {
            using var tool = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", .. arguments, file])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            })!;
            var said = tool.StandardError.ReadToEnd();
            tool.WaitForExit();
            Assert.True(tool.ExitCode == 0, said);
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
