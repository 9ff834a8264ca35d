using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EventFiles.Infrastructure.Children;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>Pictures and facts of videos and sounds, compared by their pixels; and files that would have ffmpeg read others.</summary>
public sealed class MediaTests : IAsyncDisposable
{
    private static readonly ChildOptions Options = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]);
    private static readonly RenderOrder Poster = new(RenderSource.VideoFrame, 300, 300, RenderFormat.Png);
    private static readonly RenderOrder Wave = new(RenderSource.SoundWave, 600, 200, RenderFormat.Png);
    private static readonly RenderOrder Facts = new(RenderSource.MediaFacts, 0, 0, RenderFormat.Json);
    private static readonly int[] Red = [255, 0, 0];
    private static readonly int[] Green = [0, 128, 0];
    private static readonly int[] Blue = [0, 0, 255];
    private static readonly int[] Black = [0, 0, 0];
    private readonly ChildRenderer renderer = new(Options);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".mp4")]
    [InlineData(".mov")]
    [InlineData(".webm")]
    [InlineData(".mkv")]
    [InlineData(".avi")]
    public async Task A_poster_is_what_is_seen_most_in_the_beginning_of_a_video(string suffix)
    {
        var video = MediaSamples.Video(suffix, 640, 320, ("red", 3), ("green", 1));

        var made = await Made(video, Poster);

        Assert.Equal(("image/png", 300, 150), (made.ContentType, made.Width, made.Height));
        await Shows(made, (5, 5, Red), (150, 75, Red), (295, 145, Red));
    }

    [Fact]
    public async Task A_poster_is_not_black_unless_all_is()
    {
        await Shows(await Made(MediaSamples.Video(".mp4", 320, 240, ("black", 3), ("red", 2)), Poster), (150, 100, Red));
        await Shows(await Made(MediaSamples.Video(".mp4", 320, 240, ("black", 0.2), ("green", 0.2)), Poster), (150, 100, Green));
        await Shows(await Made(MediaSamples.Video(".mp4", 320, 240, ("black", 2)), Poster), (150, 100, Black));
    }

    [Fact]
    public async Task A_poster_may_be_of_a_later_second()
    {
        var video = MediaSamples.Video(".mp4", 320, 240, ("red", 3), ("green", 3));

        await Shows(await Made(video, Poster with { FromSecond = 4 }), (150, 100, Green));
        Assert.Equal("no-such-second", await Failure(video, Poster with { FromSecond = 60 }));
    }

    [Fact]
    public async Task A_poster_is_as_upright_as_the_file_says()
    {
        var lying = MediaSamples.TwoColoured();

        var asIs = await Made(lying, Poster);
        var turned = await Made(MediaSamples.Turned(lying), Poster);

        Assert.Equal((300, 225), (asIs.Width, asIs.Height));
        await Shows(asIs, (20, 112, Red), (280, 112, Blue));
        Assert.Equal((225, 300), (turned.Width, turned.Height));
        await Shows(turned, (112, 20, Red), (112, 280, Blue));
    }

    [Fact]
    public async Task A_poster_is_never_enlarged_and_fills_a_box_from_the_middle()
    {
        var small = await Made(MediaSamples.Video(".mp4", 64, 48, ("red", 1)), Poster);
        var filled = await Made(MediaSamples.TwoColoured(), Poster with { MaxWidth = 100, MaxHeight = 200, Covers = true });

        Assert.Equal((64, 48), (small.Width, small.Height));
        Assert.Equal((100, 200), (filled.Width, filled.Height));
        await Shows(filled, (10, 100, Red), (90, 100, Blue));
    }

    [Theory]
    [InlineData(".mp3")]
    [InlineData(".wav")]
    [InlineData(".flac")]
    [InlineData(".ogg")]
    [InlineData(".m4a")]
    public async Task Silence_is_a_line_and_a_sound_a_band_as_high_as_it_is_loud(string suffix)
    {
        // Two seconds of nothing, then two at half of what there is.
        var wave = await Made(MediaSamples.Sound(suffix, "if(lt(t,2),0,0.5*sin(2*PI*440*t))", 4), Wave);

        Assert.Equal(("image/png", 600, 200), (wave.ContentType, wave.Width, wave.Height));
        var picture = await Saved(wave);
        Assert.InRange(Inked(picture, 150), 1, 6);
        // Half of 200, and what the codec adds.
        Assert.InRange(Inked(picture, 450), 90, 125);
        Assert.Equal(0, Samples.Point(picture, 450, 20)[3]);
        Assert.Equal(255, Samples.Point(picture, 450, 100)[3]);
    }

    [Fact]
    public async Task A_sound_is_drawn_from_its_beginning_to_its_end_however_long_it_is()
    {
        // More samples than are kept one by one, many times over; and fewer than the picture has columns.
        var tall = await Saved(await Made(MediaSamples.Sound(".flac", "if(lt(t,50),0.05,0.9)*sin(2*PI*440*t)", 100), Wave));
        var few = await Made(MediaSamples.Sound(".wav", "1", 0.002), Wave with { MaxHeight = 100, Format = RenderFormat.Webp });

        Assert.InRange(Inked(tall, 290), 8, 14);
        Assert.InRange(Inked(tall, 310), 175, 184);
        Assert.Equal(("image/webp", 600, 100), (few.ContentType, few.Width, few.Height));
    }

    [Fact]
    public async Task A_file_of_videos_that_has_only_sound_shows_that()
    {
        var sound = MediaSamples.Sound(".m4a", "sin(2*PI*440*t)", 1);

        var made = await Made(sound, Poster with { Format = RenderFormat.Jpeg });

        Assert.Equal(("image/jpeg", 300, 100), (made.ContentType, made.Width, made.Height));
        Assert.Equal("no-audio", await Failure(MediaSamples.Video(".mp4", 64, 48, ("red", 1)), Wave));
    }

    [Theory]
    [InlineData(".mp4", "mp4", "h264", "aac")]
    [InlineData(".mov", "mov", "h264", "aac")]
    [InlineData(".webm", "webm", "vp8", "opus")]
    [InlineData(".mkv", "matroska", "h264", "vorbis")]
    [InlineData(".avi", "avi", "mpeg4", "mp3")]
    public async Task A_video_tells_what_it_is_and_neither_whose_nor_where(string suffix, string format, string video, string audio)
    {
        var telling = MediaSamples.Telling(suffix);
        Assert.Contains(Samples.Canary, Encoding.Latin1.GetString(telling), StringComparison.Ordinal);

        var said = Encoding.UTF8.GetString(await Bytes(telling, Facts));

        var facts = JsonSerializer.Deserialize<JsonElement>(said);
        Assert.Equal(format, facts.GetProperty("format").GetString());
        Assert.InRange(facts.GetProperty("durationSeconds").GetDouble(), 1.9, 2.2);
        var seen = facts.GetProperty("video");
        Assert.Equal(
            (video, 320, 240, 25.0),
            (seen.GetProperty("codec").GetString(), seen.GetProperty("width").GetInt32(), seen.GetProperty("height").GetInt32(),
                seen.GetProperty("framesPerSecond").GetDouble()));
        Assert.Equal(audio, facts.GetProperty("audio").GetProperty("codec").GetString());
        Assert.Equal(1, facts.GetProperty("audio").GetProperty("channels").GetInt32());
        Assert.Equal(["format", "durationSeconds", "video", "audio"], facts.EnumerateObject().Select(one => one.Name));
        foreach (var made in (byte[][])[Encoding.UTF8.GetBytes(said), await Bytes(telling, Poster), await Bytes(telling, Poster with { Format = RenderFormat.Jpeg }), await Bytes(telling, Wave)])
        {
            Assert.DoesNotContain(Samples.Canary, Encoding.Latin1.GetString(made), StringComparison.Ordinal);
            Assert.DoesNotContain("Lavc", Encoding.Latin1.GetString(made), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_turned_video_tells_is_as_it_is_seen()
    {
        var facts = JsonSerializer.Deserialize<JsonElement>(await Bytes(MediaSamples.Turned(MediaSamples.TwoColoured()), Facts)).GetProperty("video");

        Assert.Equal((240, 320), (facts.GetProperty("width").GetInt32(), facts.GetProperty("height").GetInt32()));
    }

    // Each would be played from the file beside it, or from the server, by a program that finds out by itself what it reads.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_file_has_another_one_or_a_server_read(bool usesBubblewrap)
    {
        var beside = Samples.File(MediaSamples.Sound(".mp3", "0.9*sin(2*PI*440*t)", 1), ".mp3");
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/a.mp3");
        await using var children = new ChildRenderer(Options with { UsesBubblewrap = usesBubblewrap });
        var list = Encoding.ASCII.GetBytes($"ffconcat version 1.0\nfile '{beside}'\n");
        // What would be heard and seen is.
        Assert.IsType<Rendering.Made>(await children.Render(File.OpenRead(beside), Wave, Cancel));

        foreach (var hostile in (byte[][])
        [
            .. ((string[])[$"file://{beside}", beside, address, $"concat:{beside}", $"subfile,,start,0,end,99,,:{beside}"]).SelectMany(to => (byte[][])
            [
                MediaSamples.Playlist(to), MediaSamples.BehindTitle(MediaSamples.Playlist(to)), MediaSamples.AsSubtitles(MediaSamples.Playlist(to)),
                [.. "RIFF\0\0\0\0AVI "u8, .. MediaSamples.Playlist(to)],
            ]),
            list, MediaSamples.BehindTitle(list), MediaSamples.AsSubtitles(list),
            [.. Encoding.ASCII.GetBytes($"<?xml version='1.0'?><MPD><Period><AdaptationSet><Representation><BaseURL>{beside}</BaseURL></Representation></AdaptationSet></Period></MPD>")],
            MediaSamples.BehindTitle(Encoding.ASCII.GetBytes($"v=0\nc=IN IP4 127.0.0.1\nm=audio {((IPEndPoint)server.LocalEndpoint).Port} RTP/AVP 0\n")),
        ])
        {
            foreach (var order in (RenderOrder[])[Poster, Wave])
                Assert.IsType<Rendering.Failed>(await children.Render(new MemoryStream(hostile), order, Cancel));
        }

        Assert.False(server.Pending());
    }

    [Fact]
    public async Task What_is_too_much_is_refused_by_what_the_header_tells()
    {
        Assert.Equal("too-many-streams", await Failure(MediaSamples.Streams(40), Wave));
        Assert.IsType<Rendering.Failed>(await renderer.Render(new MemoryStream(MediaSamples.Streams(200)), Wave, Cancel));
        var video = MediaSamples.Video(".mp4", 320, 240, ("red", 1));
        // A thousand days.
        Assert.Equal("too-long", await Failure(Lasting(video), Poster));
        await using var narrow = new ChildRenderer(Options with { MaxPixels = 10_000 });
        Assert.Equal("too-many-pixels", Assert.IsType<Rendering.Failed>(await narrow.Render(new MemoryStream(video), Poster, Cancel)).Code);
    }

    [Fact]
    public async Task What_is_cut_off_is_damaged_or_shown_as_far_as_it_goes()
    {
        var video = MediaSamples.Video(".mp4", 320, 240, ("red", 2));
        var sound = MediaSamples.Sound(".flac", "0.5*sin(2*PI*440*t)", 4);

        // What tells where the frames are stands at the end.
        Assert.Equal("corrupt", await Failure(video[..(video.Length / 2)], Poster));
        Assert.InRange(Inked(await Saved(await Made(sound[..(sound.Length / 2)], Wave)), 300), 90, 125);
        Assert.Equal("corrupt", await Failure([.. "fLaC"u8, .. new byte[5000]], Wave));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_reads_videos_may_write_nothing_but_the_original_into_memory(bool usesBubblewrap)
    {
        await using var children = new ChildRenderer(Options with { Children = 1, UsesBubblewrap = usesBubblewrap });
        Assert.IsType<Rendering.Made>(await children.Render(new MemoryStream(MediaSamples.TwoColoured()), Poster, Cancel));
        var child = Assert.Single(children.IdleProcesses);
        while ((await File.ReadAllTextAsync($"/proc/{child}/task/{child}/children", Cancel)).Trim() is { Length: > 0 } inner)
            child = int.Parse(inner, CultureInfo.InvariantCulture);

        Assert.Matches($@"Max file size +0 +{Options.MaxVideoBytes} ", await File.ReadAllTextAsync($"/proc/{child}/limits", Cancel));

        // The last one is closed while its picture is on the way.
        foreach (var _ in Enumerable.Range(0, 3))
            Assert.IsType<Rendering.Made>(await children.Render(new MemoryStream(MediaSamples.TwoColoured()), Poster, Cancel));
        Assert.InRange(Directory.GetFiles($"/proc/{child}/fd").Count(one => new FileInfo(one).LinkTarget?.Contains("memfd:original", StringComparison.Ordinal) == true), 0, 1);

        // Pictures are another child's, which may write nothing at all; no more wait than may work.
        Assert.IsType<Rendering.Made>(await children.Render(new MemoryStream(Samples.Picture(40, 30, ".jpg")), new(RenderSource.Picture, 20, 20, RenderFormat.Jpeg), Cancel));
        Assert.Single(children.IdleProcesses);
    }

    [Fact]
    public void A_program_is_there_or_it_is_not()
    {
        Assert.True(new InstalledTools().Has("ffmpeg"));
        Assert.False(new InstalledTools().Has("ffmpeg-of-nobody"));
    }

    public ValueTask DisposeAsync() => renderer.DisposeAsync();

    [Theory]
    [InlineData(".mp4")]
    [InlineData(".mov")]
    [InlineData(".webm")]
    [InlineData(".mkv")]
    [InlineData(".avi")]
    public async Task Of_a_video_that_is_too_large_to_be_kept_the_beginning_is_shown_and_what_its_ends_tell(string suffix)
    {
        var video = MediaSamples.Snow(suffix);
        await using var small = new ChildRenderer(Options with { Children = 1, MaxInputBytes = video.Length / 2 });

        await Shows(Assert.IsType<Rendering.Made>(await small.Render(new MemoryStream(video), Poster, Cancel)), (5, 5, Red), (150, 100, Red));
        using var facts = await JsonDocument.ParseAsync(
            Assert.IsType<Rendering.Made>(await small.Render(new MemoryStream(video), Facts, Cancel)).Content, cancellationToken: Cancel);
        Assert.InRange(facts.RootElement.GetProperty("durationSeconds").GetDouble(), 17.9, 18.1);
        // What is not looked at is not made up.
        Assert.Equal("too-large", await Failure(small, video, Poster with { FromSecond = 15 }));
    }

    [Fact]
    public async Task A_film_of_three_gibibytes_has_a_poster_and_tells_what_it_is()
    {
        await using var film = MediaSamples.Stretched(MediaSamples.Video(".mp4", 320, 240, ("green", 2)), 3L << 30);
        await Shows(Assert.IsType<Rendering.Made>(await renderer.Render(film, Poster, Cancel)), (150, 100, Green));
        film.Position = 0;
        using var facts = await JsonDocument.ParseAsync(
            Assert.IsType<Rendering.Made>(await renderer.Render(film, Facts, Cancel)).Content, cancellationToken: Cancel);
        Assert.Equal(2, facts.RootElement.GetProperty("durationSeconds").GetDouble(), 0.1);
        await using var endless = new ChildRenderer(Options with { MaxVideoBytes = 2L << 30 });
        film.Position = 0;
        Assert.Equal("too-large", Assert.IsType<Rendering.Failed>(await endless.Render(film, Poster, Cancel)).Code);
    }

    [Theory]
    [InlineData(".wav")]
    [InlineData(".flac")]
    [InlineData(".mp3")]
    [InlineData(".ogg")]
    public async Task A_sound_that_is_too_large_to_be_kept_is_drawn_whole_as_it_flows_by(string suffix)
    {
        var sound = MediaSamples.Sound(suffix, "if(lt(t,2),0,0.5*sin(2764*t))", 4);
        await using var small = new ChildRenderer(Options with { Children = 1, MaxInputBytes = sound.Length / 2 });

        var whole = await Saved(await Made(sound, Wave));
        var flowing = Assert.IsType<Rendering.Made>(await small.Render(new MemoryStream(sound), Wave, Cancel));
        var picture = await Saved(flowing);

        Assert.InRange(Inked(picture, 150), 1, 6);
        Assert.True(Inked(picture, 450) > 80);
        // What an encoder added at the end is only known to who can look there: a few samples more are heard.
        Assert.All((int[])[10, 150, 290, 310, 450, 590], x => Assert.InRange(Inked(picture, x), Inked(whole, x) - 6, Inked(whole, x) + 6));
    }

    [Fact]
    public async Task What_flows_by_in_vain_leaves_the_child_as_it_was()
    {
        // What tells where the sound is stands at the end; and what is no sound at all.
        var sound = MediaSamples.Sound(".m4a", "0.5*(2*random(0)-1)", 20);
        await using var small = new ChildRenderer(Options with { Children = 1, MaxInputBytes = sound.Length / 2, MaxSoundBytes = 2 * sound.Length });

        Assert.Equal("too-large", await Failure(small, sound, Wave));
        Assert.Equal("corrupt", await Failure(small, new byte[sound.Length], Wave));
        Assert.Equal("too-large", await Failure(small, new byte[3 * sound.Length], Wave));
        Assert.IsType<Rendering.Made>(await small.Render(new MemoryStream(MediaSamples.Sound(".wav", "0.5", 0.1)), Wave, Cancel));
        Assert.Single(small.IdleProcesses);
    }

    private static async Task<string?> Failure(ChildRenderer with, byte[] original, RenderOrder order) =>
        (await with.Render(new MemoryStream(original), order, Cancel) as Rendering.Failed)?.Code;

    private static byte[] Lasting(byte[] mp4)
    {
        byte[] most = [0x7F, 0xFF, 0xFF, 0xFF];
        return MediaSamples.With(MediaSamples.With(MediaSamples.With(mp4, "mvhd", 16, most), "tkhd", 20, most), "mdhd", 16, most);
    }

    private async Task<Rendering.Made> Made(byte[] original, RenderOrder order)
    {
        var end = await renderer.Render(new MemoryStream(original), order, Cancel);
        return end as Rendering.Made ?? throw new InvalidOperationException(end.ToString());
    }

    private async Task<string?> Failure(byte[] original, RenderOrder order) =>
        (await renderer.Render(new MemoryStream(original), order, Cancel) as Rendering.Failed)?.Code;

    private async Task<byte[]> Bytes(byte[] original, RenderOrder order)
    {
        using var all = new MemoryStream();
        await (await Made(original, order)).Content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    private static async Task<string> Saved(Rendering.Made made)
    {
        using var all = new MemoryStream();
        await made.Content.CopyToAsync(all, Cancel);
        return Samples.File(all.ToArray(), "." + made.ContentType[(made.ContentType.IndexOf('/', StringComparison.Ordinal) + 1)..]);
    }

    private static async Task Shows(Rendering.Made made, params (int X, int Y, int[] Colour)[] points)
    {
        var picture = await Saved(made);
        Assert.All(points, point => Assert.All(
            Samples.Point(picture, point.X, point.Y).Zip(point.Colour), pair => Assert.InRange(pair.First, pair.Second - 12, pair.Second + 12)));
    }

    // How many pixels of a column are drawn.
    private static int Inked(string picture, int x) => Samples.Opaque(picture, x);
}
