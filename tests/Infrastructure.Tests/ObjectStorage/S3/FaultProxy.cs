using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

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

    /// <summary>The server does it, no answer comes, and the connection stays.</summary>
    KeepReply,

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

    /// <summary>A look at a whole object without its bytes.</summary>
    public bool IsHead => Method == "HEAD";

    public bool IsBegin => Method == "POST" && Target.Contains("?uploads", StringComparison.Ordinal);

    /// <summary>A list of an object's parts.</summary>
    public bool IsPartList => Method == "GET" && Target.Contains("uploadId=", StringComparison.Ordinal);

    /// <summary>An object's bytes.</summary>
    public bool IsGet => Method == "GET" && !Target.Contains('?', StringComparison.Ordinal);

    /// <summary>It changes what is in the bucket, and is about an object of ours.</summary>
    public bool IsWrite => Method is "PUT" or "POST" && Target.Contains('~', StringComparison.Ordinal)
        && !Target.EndsWith("~eventfiles", StringComparison.Ordinal);
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

    /// <summary>Asked about each request before the server hears of it.</summary>
    public Func<ProxiedRequest, Task>? Before { get; set; }

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

    /// <summary>From now on all goes well.</summary>
    public void Relent()
    {
        lock (gate)
            orders.Clear();
    }

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
                    await (Before?.Invoke(exchange.Request) ?? Task.CompletedTask);
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
