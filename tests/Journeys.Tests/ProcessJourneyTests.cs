using System.Net;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What is made of files, and made anew, over HTTP and at the terminal.</summary>
public sealed class ProcessJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task What_processors_make_is_told_asked_for_and_made_anew()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var file = await olga.Keep("Flower.png", Samples.Transparent, "image/png");
        await olga.Settled(file);

        var processors = (await olga.Read("api/processors")).GetProperty("items").EnumerateArray().ToList();
        var watermark = processors.Single(one => one.GetProperty("name").GetString() == "watermark");
        Assert.Equal("string", watermark.GetProperty("optionsSchema").GetProperty("properties").GetProperty("text").GetProperty("type").GetString());
        await (await olga.Post($"api/files/{file}/process", new { processor = "watermark", options = new { opacity = 101 } })).Expect(422);
        await (await olga.Post($"api/files/{file}/process", new { processor = "watermark", options = new { picture = Guid.NewGuid() } })).Problem(422, "process.no-such-mark");
        await (await olga.Post($"api/files/{file}/process", new { processor = "watermark", options = new { text = "Draft" } })).Expect(202);
        await olga.Settled(file);

        var made = (await olga.Read($"api/files/{file}/variants")).GetProperty("items").EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, StringComparer.Ordinal);
        Assert.Equal(["metadata", "resize-1280", "resize-640", "thumbnail", "watermark", "webp"], made.Keys.Order(StringComparer.Ordinal));
        Assert.All(made.Values, one => Assert.False(one.GetProperty("isStale").GetBoolean()));
        Assert.DoesNotContain("Draft", made["watermark"].GetRawText(), StringComparison.Ordinal);
        Assert.Matches(@"^/api/files/\S+/variants/resize-\d+ \d+w", (await olga.Read($"api/files/{file}")).GetProperty("srcset").GetString()!);
        Assert.Equal("png", JsonSerializer.Deserialize<JsonElement>(
            await olga.Http.GetStringAsync($"api/files/{file}/variants/metadata")).GetProperty("format").GetString());

        // By the command as by the API what is made anew replaces what was made.
        var (code, output, _) = await fixture.Server.RunHere("process", "rerun", "--data", fixture.Server.Data, "--where", $"file={file},processor=thumbnail,version<9", "--json");
        Assert.Equal((0, 1), (code, JsonSerializer.Deserialize<JsonElement>(output).GetProperty("steps").GetInt32()));
        await olga.Settled(file);
        (code, output, _) = await fixture.Server.RunHere("process", "rerun", "--data", fixture.Server.Data, "--where", $"file={file}", "--stale", "--dry-run", "--json");
        Assert.Equal((0, 0), (code, JsonSerializer.Deserialize<JsonElement>(output).GetProperty("steps").GetInt32()));
        Assert.Equal(2, (await fixture.Server.RunHere("process", "rerun", "--data", fixture.Server.Data)).ExitCode);
        Assert.Equal(2, (await fixture.Server.RunHere("process", "rerun", "--data", fixture.Server.Data, "--where", "colour=blue")).ExitCode);
        var again = await (await (await olga.Post($"api/files/{file}/process/rerun", new { })).Expect(202)).Json();
        Assert.Equal(6, again.GetProperty("steps").GetInt32());
        await olga.Settled(file);
        var now = (await olga.Read($"api/files/{file}/variants")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(made.Count, now.Count);
        Assert.All(now, one => Assert.NotEqual(made[one.GetProperty("name").GetString()!].GetProperty("jobId").GetGuid(), one.GetProperty("jobId").GetGuid()));
        Assert.Equal(HttpStatusCode.OK, (await olga.Get($"api/files/{file}/variants/watermark")).StatusCode);
    }

    [Fact]
    public async Task A_video_and_a_sound_are_seen_in_lists_and_told_of()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var film = await olga.Keep("Waves.mp4", Samples.Video);
        var sound = await olga.Keep("Waves.flac", Samples.Sound);
        await olga.Settled(film);
        await olga.Settled(sound);

        var items = (await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray()
            .ToDictionary(one => one.GetProperty("id").GetGuid(), one => one.GetProperty("thumbnail").GetString());
        Assert.Equal(("video_poster", "audio_waveform"), (items[film], items[sound]));
        using var poster = await (await olga.Get($"api/files/{film}/variants/video_poster")).Expect(200);
        Assert.Equal("image/jpeg", poster.Content.Headers.ContentType!.MediaType);
        using var wave = await (await olga.Get($"api/files/{sound}/variants/audio_waveform")).Expect(200);
        Assert.Equal("image/png", wave.Content.Headers.ContentType!.MediaType);
        var facts = JsonSerializer.Deserialize<JsonElement>(await olga.Http.GetStringAsync($"api/files/{film}/variants/metadata"));
        Assert.Equal(("mp4", 320), (facts.GetProperty("format").GetString(), facts.GetProperty("video").GetProperty("width").GetInt32()));
        var job = (await (await (await olga.Post($"api/files/{film}/process", new { processor = "video_poster", options = new { from = 1, width = 100 } })).Expect(202)).Json());
        Assert.Equal("video_poster-100x4096-from-1", (await olga.Read($"api/jobs/{job.GetProperty("jobId").GetGuid()}")).GetProperty("variant").GetString());
        await olga.Settled(film);
        Assert.All((await olga.Read("api/processors")).GetProperty("items").EnumerateArray(), one => Assert.Equal(0, one.GetProperty("unavailableContentTypes").GetArrayLength()));
    }

    [Fact]
    public async Task A_picture_of_any_size_is_made_when_it_is_looked_at_and_shown_to_whoever_has_its_address()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var boris = await Person.Register(fixture.Server.Address, "Boris");
        using var anybody = new HttpClient { BaseAddress = fixture.Server.Address };
        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(file);

        using var first = await (await olga.Get($"api/files/{file}/render?w=120&h=80&fit=cover&format=webp")).Expect(200);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/render?w=120&h=80&fit=cover");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal("image/webp", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, (await olga.Http.SendAsync(again, TestContext.Current.CancellationToken)).StatusCode);
        await (await boris.Get($"api/files/{file}/render?w=120")).Expect(404);
        await (await olga.Get($"api/files/{file}/render?w=0")).Expect(422);

        var link = await (await (await olga.Post($"api/files/{file}/render-links", new { width = 64, seconds = 600 })).Expect(201)).Json();
        var address = new Uri(link.GetProperty("url").GetString()!).PathAndQuery;
        await (await anybody.GetAsync(address, TestContext.Current.CancellationToken)).Expect(200);
        await (await anybody.GetAsync(address + "x", TestContext.Current.CancellationToken)).Expect(404);
        await (await anybody.GetAsync($"api/files/{file}/render?w=64", TestContext.Current.CancellationToken)).Expect(401);
        await (await olga.Http.DeleteAsync($"api/files/{file}", TestContext.Current.CancellationToken)).Expect(202);
        await (await anybody.GetAsync(address, TestContext.Current.CancellationToken)).Expect(404);
    }
}
