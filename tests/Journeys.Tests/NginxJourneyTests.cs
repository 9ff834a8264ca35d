using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>What deploy/nginx does to requests on their way, with Debian's nginx before the real program.</summary>
public sealed class NginxJourneyTests(NginxFixture fixture) : IClassFixture<NginxFixture>
{
    [Fact]
    public async Task An_upload_reaches_the_program_while_it_is_sent_and_nginx_keeps_nothing_of_it()
    {
        using var olga = await Person.Register(fixture.Nginx.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(12 << 20);
        using var form = new MultipartFormDataContent();
        var kept = new List<string>();
        form.Add(
            new HaltingContent(content, content.Length / 2, async () =>
            {
                await fixture.Server.Takes(content.Length / 4);
                kept.AddRange(fixture.Nginx.Kept);
            }),
            "file", "stream.bin");
        var uploaded = await (await olga.Http.PostAsync("api/upload", form)).Expect(202).Json();

        Assert.Empty(kept);
        Assert.Empty(fixture.Nginx.Kept);
        var file = uploaded.GetProperty("file").Id();
        Assert.Equal(content, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Empty(fixture.Nginx.Kept);

        using var part = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Range = new RangeHeaderValue(5_000_000, 5_000_999) } };
        var range = await (await olga.Http.SendAsync(part)).Expect(206);
        Assert.Equal(content[5_000_000..5_001_000], await range.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_resumable_upload_stays_at_the_address_of_nginx()
    {
        using var olga = await Person.Register(fixture.Nginx.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(3 << 20);
        var created = await (await Tus.Create(olga, content.Length, "pieces.bin")).Expect(201);
        var upload = new Uri(fixture.Nginx.Address, created.Headers.Location!);
        Assert.Equal(fixture.Nginx.Address.Authority, upload.Authority);

        await (await Tus.Patch(olga, upload, 0, content[..1_000_000])).Expect(204);
        Assert.Equal(1_000_000, await Tus.Offset(olga, upload));
        var last = await (await Tus.Patch(olga, upload, 1_000_000, content[1_000_000..])).Expect(204);

        var file = Guid.Parse(Assert.Single(last.Headers.GetValues("File-Id")));
        Assert.Equal(content, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        // The token is a secret: what lies in a log may not open anything.
        Assert.DoesNotContain(upload.Segments[^1], await fixture.Nginx.Logged("/api/uploads/..."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_says_of_itself_counts_for_nothing_and_what_nginx_says_counts()
    {
        using var olga = await Person.Register(fixture.Nginx.Address, "Olga");
        var file = await olga.Keep("hills.txt", "dusk"u8.ToArray());
        using var https = fixture.Nginx.Secure();
        https.DefaultRequestHeaders.Authorization = olga.Http.DefaultRequestHeaders.Authorization;
        https.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example");
        https.DefaultRequestHeaders.Add("X-Forwarded-Proto", "ftp");
        https.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        https.DefaultRequestHeaders.Add("Forwarded", "host=evil.example");

        var link = await (await https.PostAsJsonAsync($"api/files/{file}/links", new { })).Expect(201).Json();
        Assert.StartsWith($"{fixture.Nginx.SecureAddress}l/", link.GetProperty("url").GetString(), StringComparison.Ordinal);

        // Behind TLS a cookie is for TLS alone.
        var opened = await (await https.PostAsJsonAsync("api/auth/web-session", new { email = olga.Email, password = Person.Password })).Expect(200);
        Assert.Contains("; secure", Assert.Single(opened.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("max-age=31536000", Assert.Single(opened.Headers.GetValues("Strict-Transport-Security")));
    }

    [Fact]
    public async Task Whoever_is_named_as_a_proxy_is_believed()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        Assert.StartsWith("https://files.example/l/", await ForwardedJourneyTests.Link(olga), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_speaks_HTTP_2()
    {
        using var https = fixture.Nginx.Secure();
        using var request = new HttpRequestMessage(HttpMethod.Get, "openapi/v1.json") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Assert.Equal(HttpVersion.Version20, (await (await https.SendAsync(request)).Expect(200)).Version);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/METRICS")]
    [InlineData("/metrics/")]
    [InlineData("//metrics")]
    [InlineData("/%6detrics")]
    [InlineData("/css/../metrics")]
    [InlineData("/css/%2e%2e/metrics")]
    [InlineData("/css/..%2fmetrics")]
    [InlineData("/health/ready")]
    [InlineData("/Health/live")]
    [InlineData("/health")]
    public async Task What_is_the_operators_is_closed_to_the_world_however_it_is_spelt(string path)
    {
        var reply = await Raw(fixture.Nginx.Address, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", reply, StringComparison.Ordinal);
        Assert.Contains("urn:eventfiles:problem:no-such-path", reply, StringComparison.Ordinal);
        Assert.DoesNotContain("# TYPE", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_watches_nginx_sees_whether_it_reaches_a_node()
    {
        using var http = new HttpClient { BaseAddress = fixture.Nginx.Inside };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("metrics")).StatusCode);
    }

    [Fact]
    public async Task What_is_refused_on_the_way_is_refused_with_a_code()
    {
        using var olga = await Person.Register(fixture.Nginx.Address, "Olga");
        using var large = new StringContent($$"""{"name":"{{new string('x', 2 << 20)}}"}""", Encoding.UTF8, "application/json");
        await (await olga.Http.PostAsync("api/folders", large)).Problem(413, "too-large");

        // Of uploads the program says what is too much, unless an operator wants it said here.
        await using var small = await Nginx.Start(fixture.Node, fixture.Node, ("UPLOAD_LIMIT", "1m"));
        using var outside = new HttpClient { BaseAddress = small.Address, DefaultRequestHeaders = { Authorization = olga.Http.DefaultRequestHeaders.Authorization } };
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[2 << 20]), "file", "large.bin" } };
        await (await outside.PostAsync("api/upload", form)).Problem(413, "too-large");
    }

    [Fact]
    public async Task Too_many_requests_of_one_address_are_refused_with_a_code()
    {
        await using var strict = await Nginx.Start(fixture.Node, fixture.Node, ("SIGN_INS_PER_SECOND", "1"));
        using var http = new HttpClient { BaseAddress = strict.Address };
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        HttpResponseMessage? refused = null;
        while (refused is null)
        {
            patience.Token.ThrowIfCancellationRequested();
            var replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => http.PostAsync("api/auth/login", new StringContent("{", Encoding.UTF8, "application/json"))));
            refused = Array.Find(replies, reply => reply.StatusCode == HttpStatusCode.TooManyRequests);
        }

        Assert.Equal("1", Assert.Single(refused.Headers.GetValues("Retry-After")));
        await refused.Problem(429, "too-many-requests");
    }

    [Fact]
    public async Task A_node_that_is_gone_is_passed_over()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var gone = taken.LocalEndpoint.ToString()!;
        taken.Stop();
        await using var nginx = await Nginx.Start(gone, fixture.Node);
        using var olga = await Person.Register(nginx.Address, "Olga");
        for (var i = 0; i < 10; i++)
            await (await olga.Post("api/folders", new { name = $"folder {i}" })).Expect(201);
        Assert.Equal(10, (await olga.Read("api/folders/root/children")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task What_may_have_been_done_is_never_asked_of_a_second_node()
    {
        using var dying = new DyingNode();
        await using var nginx = await Nginx.Start(dying.Address, dying.Address);
        using var http = new HttpClient { BaseAddress = nginx.Address };
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Patch })
        {
            dying.Asked.Clear();
            using var request = new HttpRequestMessage(method, "api/folders") { Content = JsonContent.Create(new { name = "once" }) };
            await (await http.SendAsync(request)).Problem(502, "unavailable");
            Assert.Equal([method.Method], dying.Asked);
        }

        // What changes nothing is.
        dying.Asked.Clear();
        await (await http.GetAsync("api/me")).Problem(502, "unavailable");
        Assert.Equal(["GET", "GET"], dying.Asked);
    }

    private static async Task<string> Raw(Uri address, string request)
    {
        using var client = new TcpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await client.ConnectAsync(address.Host, address.Port, patience.Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), patience.Token);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(patience.Token);
    }

    // Takes a request whole and dies with it.
    private sealed class DyingNode : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public DyingNode()
        {
            listener.Start();
            _ = Work();
        }

        public string Address => listener.LocalEndpoint.ToString()!;

        public List<string> Asked { get; } = [];

        public void Dispose() => listener.Dispose();

        private async Task Work()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    var taken = new byte[64 << 10];
                    var length = await client.GetStream().ReadAsync(taken);
                    Asked.Add(Encoding.ASCII.GetString(taken, 0, length).Split(' ')[0]);
                }
            }
            catch (Exception ended) when (ended is ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }
    }

    // Sends so much, waits for something, and sends the rest.
    private sealed class HaltingContent(byte[] bytes, int haltAt, Func<Task> halt) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, haltAt));
            await stream.FlushAsync();
            await halt();
            await stream.WriteAsync(bytes.AsMemory(haltAt));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
