using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>A line to a server that counts what goes over it, and that a test can hold up or break.</summary>
internal sealed class CountingRelay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Uri server;
    private readonly ConcurrentBag<TcpClient> ends = [];
    private TaskCompletionSource held = new();
    private TaskCompletionSource open = new();
    private long holdUpAt = long.MaxValue;
    private long holdDownAt = long.MaxValue;
    private long up;
    private long down;
    private int refusals;

    public CountingRelay(Uri server)
    {
        this.server = server;
        listener.Start();
        _ = Accept();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");

    /// <summary>Bytes to the server.</summary>
    public long Up => Interlocked.Read(ref up);

    /// <summary>Bytes from the server.</summary>
    public long Down => Interlocked.Read(ref down);

    /// <summary>Counts from zero again, and lets nothing through behind so many bytes.</summary>
    public void Hold(long upBytes = long.MaxValue, long downBytes = long.MaxValue)
    {
        (held, open) = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        Interlocked.Exchange(ref up, 0);
        Interlocked.Exchange(ref down, 0);
        (holdUpAt, holdDownAt) = (upBytes, downBytes);
    }

    /// <summary>Waits until something is held up.</summary>
    public Task Holds() => held.Task.WaitAsync(TimeSpan.FromMinutes(3));

    /// <summary>Breaks all lines, as the end of a process at one of their ends does, and lets new ones through.</summary>
    public void Break()
    {
        while (ends.TryTake(out var one))
            one.Dispose();
        Release();
    }

    /// <summary>Lets everything through and counts from zero again.</summary>
    public void Release()
    {
        (holdUpAt, holdDownAt) = (long.MaxValue, long.MaxValue);
        Interlocked.Exchange(ref up, 0);
        Interlocked.Exchange(ref down, 0);
        open.TrySetResult();
    }

    /// <summary>Answers that many requests itself: come again in a second.</summary>
    public void Refuse(int requests) => refusals = requests;

    public void Dispose()
    {
        end.Cancel();
        open.TrySetResult();
        listener.Dispose();
        end.Dispose();
    }

    private async Task Accept()
    {
        var stop = end.Token;
        try
        {
            while (true)
                _ = Serve(await listener.AcceptTcpClientAsync(stop), stop);
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Serve(TcpClient client, CancellationToken stop)
    {
        ends.Add(client);
        using (client)
        {
            try
            {
                if (Interlocked.Decrement(ref refusals) >= 0)
                {
                    _ = await client.GetStream().ReadAtLeastAsync(new byte[64 << 10], 1, throwOnEndOfStream: false, stop);
                    await client.GetStream().WriteAsync(
                        Encoding.ASCII.GetBytes("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), stop);
                    return;
                }

                using var behind = new TcpClient();
                ends.Add(behind);
                await behind.ConnectAsync(IPAddress.Loopback, server.Port, stop);
                await Task.WhenAny(
                    Copy(client.GetStream(), behind.GetStream(), isUp: true, stop),
                    Copy(behind.GetStream(), client.GetStream(), isUp: false, stop));
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or InvalidOperationException)
            {
            }
        }
    }

    private async Task Copy(NetworkStream from, NetworkStream to, bool isUp, CancellationToken stop)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer, stop) is > 0 and var count)
        {
            var all = isUp ? Interlocked.Add(ref up, count) : Interlocked.Add(ref down, count);
            if (all > (isUp ? holdUpAt : holdDownAt))
            {
                var wait = open.Task;
                held.TrySetResult();
                await wait.WaitAsync(stop);
            }

            await to.WriteAsync(buffer.AsMemory(0, count), stop);
        }
    }
}
