using System.Net;
using System.Security.Cryptography;

namespace EventFiles.Journeys.Tests;

public class TusJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task An_upload_in_pieces_becomes_one_file()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(250_000);
        var upload = (await (await Tus.Create(olga, content.Length, "pieces.bin")).Expect(201)).Headers.Location!;

        await (await Tus.Patch(olga, upload, 0, content[..100_000])).Expect(204);
        Assert.Equal(100_000, await Tus.Offset(olga, upload));
        await (await Tus.Patch(olga, upload, 100_000, content[100_000..100_001])).Expect(204);
        var last = await (await Tus.Patch(olga, upload, 100_001, content[100_001..])).Expect(204);

        var file = Guid.Parse(Assert.Single(last.Headers.GetValues("File-Id")));
        Assert.Equal(content, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Equal((250_000, 0, 1), await olga.Quota());
    }

    [Fact]
    public async Task What_arrived_before_the_line_broke_is_kept()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(400_000);
        var upload = (await (await Tus.Create(olga, content.Length, "cut.bin")).Expect(201)).Headers.Location!;

        await Assert.ThrowsAnyAsync<Exception>(() => Tus.Patch(olga, upload, 0, new BreakingContent(content[..150_000], content.Length, () => fixture.Receives(65_536))));
        long offset;
        HttpResponseMessage last;
        using (var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3)))
        {
            while ((offset = await Tus.Offset(olga, upload)) == 0)
                await Task.Delay(50, patience.Token);
            Assert.InRange(offset, 1, 150_000);
            // As long as the server has not seen that the line is broken, the upload is in use, and may still grow.
            while ((int)(last = await Tus.Patch(olga, upload, offset, content[(int)offset..])).StatusCode == 409)
            {
                await Task.Delay(50, patience.Token);
                offset = await Tus.Offset(olga, upload);
            }
        }

        Assert.InRange(offset, 1, 150_000);
        await last.Expect(204);
        var file = Guid.Parse(Assert.Single(last.Headers.GetValues("File-Id")));
        Assert.Equal(content, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var created = await (await Tus.Create(olga, 0, "empty.bin")).Expect(201);
        var file = Guid.Parse(Assert.Single(created.Headers.GetValues("File-Id")));
        Assert.Empty(await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Empty(await olga.Http.GetByteArrayAsync($"api/files/{await olga.Keep("also.bin", [])}/content"));
    }

    [Fact]
    public async Task Wrong_steps_are_refused_and_change_nothing()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var upload = (await (await Tus.Create(olga, 1000, "steps.bin")).Expect(201)).Headers.Location!;
        await (await Tus.Patch(olga, upload, 0, new byte[100])).Expect(204);

        Assert.Equal(409, (int)(await Tus.Patch(olga, upload, 50, new byte[10])).StatusCode);
        Assert.Equal(409, (int)(await Tus.Patch(olga, upload, 200, new byte[10])).StatusCode);
        Assert.InRange((int)(await Tus.Patch(olga, upload, 100, new byte[901])).StatusCode, 400, 413);
        using (var wrongType = new HttpRequestMessage(HttpMethod.Patch, upload) { Content = new ByteArrayContent(new byte[10]) })
        {
            wrongType.Headers.Add("Tus-Resumable", "1.0.0");
            wrongType.Headers.Add("Upload-Offset", "100");
            Assert.Equal(415, (int)(await olga.Http.SendAsync(wrongType)).StatusCode);
        }

        Assert.Equal(412, (int)(await Tus.Send(olga, HttpMethod.Head, upload, ("Tus-Resumable", "0.2.2"))).StatusCode);
        Assert.Equal(404, (int)(await Tus.Send(ravi, HttpMethod.Head, upload)).StatusCode);
        Assert.Equal(404, (int)(await Tus.Patch(ravi, upload, 100, new byte[10])).StatusCode);
        Assert.Equal(404, (int)(await Tus.Send(ravi, HttpMethod.Delete, upload)).StatusCode);
        Assert.Equal(100, await Tus.Offset(olga, upload));
        await (await Tus.Send(olga, HttpMethod.Delete, upload)).Expect(204);
        Assert.InRange((int)(await Tus.Send(olga, HttpMethod.Head, upload)).StatusCode, 404, 410);
        Assert.Equal((0, 0, 0), await olga.Quota());
    }

    [Theory]
    [InlineData("-1", "filename YQ==", 400)]
    [InlineData("NaN", "filename YQ==", 400)]
    [InlineData("99999999999999999999999999", "filename YQ==", 400)]
    [InlineData("9999999999999", "filename YQ==", 413)]
    [InlineData("10", "filename ***", 400)]
    [InlineData("10", "filename YQ==,filename Yg==", 400)]
    [InlineData("10", "filename Li4vLi4vZXRjL3Bhc3N3ZA==", 422)]
    public async Task A_wrong_creation_is_refused(string length, string metadata, int status)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var reply = await Tus.Send(
            olga, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), ("Upload-Length", length), ("Upload-Metadata", metadata));
        await reply.Expect(status);
        Assert.Equal((0, 0, 0), await olga.Quota());
    }

    [Fact]
    public async Task A_client_may_ask_what_is_spoken_here()
    {
        using var anybody = new HttpClient { BaseAddress = fixture.Server.Address };
        using var asks = new HttpRequestMessage(HttpMethod.Options, "api/uploads");
        var reply = await anybody.SendAsync(asks);
        Assert.True(reply.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.OK);
        Assert.Equal("1.0.0", Assert.Single(reply.Headers.GetValues("Tus-Version")));
        Assert.Contains("creation", Assert.Single(reply.Headers.GetValues("Tus-Extension")), StringComparison.Ordinal);
        Assert.Contains("termination", Assert.Single(reply.Headers.GetValues("Tus-Extension")), StringComparison.Ordinal);
    }

    /// <summary>Announces everything, sends a part, and breaks the connection when that has begun to arrive.</summary>
    private sealed class BreakingContent(byte[] part, int announced, Func<Task> arrival) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(part);
            await stream.FlushAsync();
            await arrival();
            throw new IOException("The line broke.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = announced;
            return true;
        }
    }
}
