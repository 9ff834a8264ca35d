using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>What befalls a request on its way.</summary>
internal enum Fault
{
    /// <summary>The connection is reset before the server hears of it.</summary>
    Reset,

    /// <summary>No answer comes, and the server hears nothing.</summary>
    Silence,

    /// <summary>The server does it, and its answer is lost.</summary>
    LoseReply,

    /// <summary>The connection ends in the middle of the request's body.</summary>
    CutRequest,

    /// <summary>A bit of the request's body changes.</summary>
    FlipRequest,

    /// <summary>The connection ends in the middle of the answer's body.</summary>
    CutReply,

    /// <summary>The answer's body stops in its middle, and the connection stays.</summary>
    StallReply,

    /// <summary>A bit of the answer's body changes.</summary>
    FlipReply,
}

/// <summary>A request's first line.</summary>
internal sealed record ProxiedRequest(string Method, string Target)
{
    /// <summary>One part of an object.</summary>
    public bool IsPart => Method == "PUT" && Target.Contains("partNumber=", StringComparison.Ordinal);

    /// <summary>A whole object.</summary>
    public bool IsPut => Method == "PUT" && !Target.Contains('?', StringComparison.Ordinal);

    public bool IsComplete => Method == "POST" && Target.Contains("uploadId=", StringComparison.Ordinal);

    public bool IsBegin => Method == "POST" && Target.Contains("?uploads", StringComparison.Ordinal);

    /// <summary>An object's bytes.</summary>
    public bool IsGet => Method == "GET" && !Target.Contains('?', StringComparison.Ordinal) || Target.Contains("GetObject", StringComparison.Ordinal);
}

/// <summary>Stands between the client and the real server and spoils what it is told to.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Uri server;
    private readonly X509Certificate2? certificate;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly List<(Func<ProxiedRequest, bool> Which, Func<ProxyExchange, Task<bool>> Spoil, int Left)> orders = [];
    private readonly ConcurrentBag<Task> connections = [];
    private readonly Task accepting;

    public FaultProxy(Uri server, X509Certificate2? certificate = null)
    {
        (this.server, this.certificate) = (server, certificate);
        listener.Start();
        accepting = Accept();
    }

    public Uri Address => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{(certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"));

    /// <summary>All requests so far, in the order in which they came.</summary>
    public ConcurrentQueue<ProxiedRequest> Seen { get; } = new();

    /// <summary>Faults that have not happened yet.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return orders.Sum(order => order.Left);
        }
    }

    /// <summary>Spoils the next requests of a kind.</summary>
    public void Spoil(Func<ProxiedRequest, bool> which, Fault fault, int times = 1) =>
        Order(which, exchange => exchange.Suffer(fault), times);

    /// <summary>Answers the next requests of a kind in the server's stead, which hears nothing of them.</summary>
    public void Answer(Func<ProxiedRequest, bool> which, int status, string code, int times = 1) =>
        Order(which, exchange => exchange.Answer(status, code), times);

    /// <summary>Lets the server do it, and answers something else.</summary>
    public void AnswerAfterwards(Func<ProxiedRequest, bool> which, int status, string code, int times = 1) =>
        Order(which, exchange => exchange.AnswerAfterwards(status, code), times);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(connections);
        stop.Dispose();
    }

    private void Order(Func<ProxiedRequest, bool> which, Func<ProxyExchange, Task<bool>> spoil, int times)
    {
        lock (gate)
            orders.Add((which, spoil, times));
    }

    private Func<ProxyExchange, Task<bool>>? OrderFor(ProxiedRequest request)
    {
        lock (gate)
        {
            var at = orders.FindIndex(order => order.Left > 0 && order.Which(request));
            if (at < 0)
                return null;
            orders[at] = orders[at] with { Left = orders[at].Left - 1 };
            return orders[at].Spoil;
        }
    }

    private async Task Accept()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                connections.Add(Serve(await listener.AcceptTcpClientAsync(stop.Token)));
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var upstream = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            using (client)
            {
                Stream near = client.GetStream();
                if (certificate is not null)
                {
                    var secured = new SslStream(near);
                    await secured.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop.Token);
                    near = secured;
                }

                await upstream.ConnectAsync(server.Host, server.Port, stop.Token);
                var (from, to) = (new HttpBytes(near), new HttpBytes(upstream.GetStream()));
                while (await from.ReadHead(stop.Token) is { } head)
                {
                    var exchange = new ProxyExchange(client, from, to, head, stop.Token);
                    Seen.Enqueue(exchange.Request);
                    if (!await (OrderFor(exchange.Request)?.Invoke(exchange) ?? exchange.Pass()))
                        return;
                }
            }
        }
        catch (Exception over) when (over is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end has had enough.
        }
    }
}

/// <summary>One request and its answer, between both ends.</summary>
internal sealed class ProxyExchange
{
    private readonly TcpClient client;
    private readonly HttpBytes near;
    private readonly HttpBytes far;
    private readonly string head;
    private readonly long bodyBytes;
    private readonly CancellationToken cancel;

    public ProxyExchange(TcpClient client, HttpBytes near, HttpBytes far, string head, CancellationToken cancel)
    {
        (this.client, this.near, this.far, this.head, this.cancel) = (client, near, far, head, cancel);
        var line = head.Split(' ', 3);
        Request = new ProxiedRequest(line[0], line[1]);
        bodyBytes = HttpBytes.LengthIn(head) ?? 0;
    }

    public ProxiedRequest Request { get; }

    public async Task<bool> Pass()
    {
        await SendRequest(bodyBytes, flips: false);
        return await SendReply(whole: true, flips: false);
    }

    /// <returns>Whether the connection can be used again.</returns>
    public async Task<bool> Suffer(Fault fault)
    {
        switch (fault)
        {
            case Fault.Reset:
                return ResetConnection();
            case Fault.Silence:
                await Task.Delay(Timeout.Infinite, cancel);
                return false;
            case Fault.LoseReply:
                await SendRequest(bodyBytes, flips: false);
                await far.ReadHead(cancel);
                return ResetConnection();
            case Fault.CutRequest:
                await SendRequest(bodyBytes / 2, flips: false);
                return ResetConnection();
            case Fault.FlipRequest:
                await SendRequest(bodyBytes, flips: true);
                return await SendReply(whole: true, flips: false);
            case Fault.CutReply:
                await SendRequest(bodyBytes, flips: false);
                return await SendReply(whole: false, flips: false);
            case Fault.StallReply:
                await SendRequest(bodyBytes, flips: false);
                await SendReply(whole: false, flips: false);
                await Task.Delay(Timeout.Infinite, cancel);
                return false;
            default:
                await SendRequest(bodyBytes, flips: false);
                return await SendReply(whole: true, flips: true);
        }
    }

    public async Task<bool> Answer(int status, string code)
    {
        await Continue();
        await near.Copy(Stream.Null, bodyBytes, flips: false, cancel);
        return await Reply(status, code);
    }

    public async Task<bool> AnswerAfterwards(int status, string code)
    {
        await SendRequest(bodyBytes, flips: false);
        var theirs = await far.ReadHead(cancel) ?? throw new IOException("The server is gone.");
        await far.CopyBody(theirs, Request.Method, Stream.Null, 1, flips: false, cancel);
        return await Reply(status, code);
    }

    private async Task<bool> Reply(int status, string code)
    {
        var body = Request.Method == "HEAD" ? "" : $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Planned.</Message></Error>";
        await near.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status} Planned\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
            cancel);
        return true;
    }

    private Task Continue() => head.Contains("Expect: 100-continue", StringComparison.OrdinalIgnoreCase)
        ? near.Write("HTTP/1.1 100 Continue\r\n\r\n", cancel)
        : Task.CompletedTask;

    private async Task SendRequest(long bytes, bool flips)
    {
        await Continue();
        await far.Write(head.Replace("Expect: 100-continue\r\n", "", StringComparison.OrdinalIgnoreCase), cancel);
        await near.Copy(far.Stream, bytes, flips, cancel);
    }

    private async Task<bool> SendReply(bool whole, bool flips)
    {
        var theirs = await far.ReadHead(cancel) ?? throw new IOException("The server is gone.");
        await near.Write(theirs, cancel);
        await far.CopyBody(theirs, Request.Method, near.Stream, whole ? 1 : 2, flips, cancel);
        return whole && !theirs.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
    }

    private bool ResetConnection()
    {
        client.LingerState = new LingerOption(true, 0);
        return false;
    }
}

/// <summary>HTTP/1.1 as far as it takes to see where messages end.</summary>
internal sealed class HttpBytes(Stream stream)
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    public Stream Stream => stream;

    public static long? LengthIn(string head)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return long.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture);
        }

        return null;
    }

    /// <summary>A message up to its empty line; null when the other end has closed.</summary>
    public async Task<string?> ReadHead(CancellationToken cancel)
    {
        var head = new StringBuilder();
        while (await ReadLine(cancel) is { } line)
        {
            head.Append(line).Append("\r\n");
            if (line.Length == 0 && head.Length > 2)
                return head.ToString();
        }

        return null;
    }

    public Task Write(string text, CancellationToken cancel) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancel).AsTask();

    /// <summary>Passes on so many bytes.</summary>
    /// <param name="flips">With a bit in their middle changed.</param>
    public async Task Copy(Stream to, long bytes, bool flips, CancellationToken cancel)
    {
        var flipAt = flips ? bytes / 2 : -1;
        for (var at = 0L; at < bytes;)
        {
            if (start == end && !await Fill(cancel))
                throw new IOException("It ended early.");
            var piece = (int)Math.Min(end - start, bytes - at);
            if (flipAt >= at && flipAt < at + piece)
                buffer[start + (int)(flipAt - at)] ^= 4;
            await to.WriteAsync(buffer.AsMemory(start, piece), cancel);
            (start, at) = (start + piece, at + piece);
        }

        await to.FlushAsync(cancel);
    }

    /// <summary>Passes on an answer's body, or the first of <paramref name="shares"/> equal shares of it.</summary>
    public async Task CopyBody(string head, string method, Stream to, int shares, bool flips, CancellationToken cancel)
    {
        var status = head.Split(' ', 3)[1];
        if (method == "HEAD" || status is "204" or "304")
            return;
        if (LengthIn(head) is { } length)
        {
            await Copy(to, length / shares, flips, cancel);
            return;
        }

        // In chunks, or until the end: these are answers without an object's bytes.
        while (await ReadLine(cancel) is { } line)
        {
            await to.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"), cancel);
            var size = long.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            await Copy(to, size + 2, flips: false, cancel);
            if (size == 0)
                return;
        }
    }

    private async Task<string?> ReadLine(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (start < end || await Fill(cancel))
        {
            var one = (char)buffer[start++];
            if (one == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(one);
        }

        return null;
    }

    private async Task<bool> Fill(CancellationToken cancel)
    {
        start = 0;
        end = await stream.ReadAsync(buffer, cancel);
        return end > 0;
    }
}
