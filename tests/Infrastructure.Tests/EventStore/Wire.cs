using System.Buffers.Binary;
using System.Net.Sockets;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>
/// A wire between the program and PostgreSQL that counts what passes: how often the server said it was ready for the next
/// request, and how many rows it sent. So a test can say what something costs without a clock.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ef-wire-").FullName;
    private readonly Socket door = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint server;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;
    private long roundTrips;
    private long rows;

    /// <param name="connectionString">Of a server that listens on a socket.</param>
    public Wire(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var name = $".s.PGSQL.{settings.Port}";
        server = new UnixDomainSocketEndPoint(Path.Combine(settings.Host!, name));
        settings.Host = folder;
        settings.SslMode = SslMode.Disable;
        settings.GssEncryptionMode = GssEncryptionMode.Disable;
        ConnectionString = settings.ConnectionString;
        door.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, name)));
        door.Listen();
        serving = Serve();
    }

    /// <summary>The same database through this wire.</summary>
    public string ConnectionString { get; }

    /// <summary>What passed while something was done.</summary>
    public async Task<(long RoundTrips, long Rows)> During(Func<Task> done)
    {
        var (trips, sent) = (Interlocked.Read(ref roundTrips), Interlocked.Read(ref rows));
        await done();
        return (Interlocked.Read(ref roundTrips) - trips, Interlocked.Read(ref rows) - sent);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        door.Dispose();
        await serving;
        stopping.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task Serve()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(Connect(await door.AcceptAsync(stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task Connect(Socket client)
    {
        using var near = client;
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await far.ConnectAsync(server, stopping.Token);
        await Task.WhenAll(Pass(near, far, _ => { }), Pass(far, near, new Counter(this).Read));
    }

    private async Task Pass(Socket from, Socket to, Action<ReadOnlySpan<byte>> see)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, stopping.Token) is > 0 and var count)
            {
                // Counted before it is passed on: whoever has the reply finds it counted.
                see(buffer.AsSpan(0, count));
                await to.SendAsync(buffer.AsMemory(0, count), stopping.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has gone.
        }
    }

    // Every message of the server is a letter and a length that counts itself.
    private sealed class Counter(Wire wire)
    {
        private readonly byte[] head = new byte[5];
        private int headBytes;
        private long left;

        public void Read(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                if (left > 0)
                {
                    var skipped = (int)Math.Min(left, bytes.Length);
                    left -= skipped;
                    bytes = bytes[skipped..];
                    continue;
                }

                head[headBytes++] = bytes[0];
                bytes = bytes[1..];
                if (headBytes == head.Length)
                    Begin();
            }
        }

        private void Begin()
        {
            headBytes = 0;
            left = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4;
            if (head[0] == 'Z')
                Interlocked.Increment(ref wire.roundTrips);
            else if (head[0] == 'D')
                Interlocked.Increment(ref wire.rows);
        }
    }
}
