using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EventFiles.Host.Web;

/// <summary>
/// How a node comes among others and leaves them, so that no request sent to it fails (ADR 41). Coming, it lets requests
/// wait until it can answer. Leaving, it says that it is not ready, lets nobody in any more, answers whoever is in, and
/// only then stops.
/// </summary>
internal sealed class Leaving
{
    /// <summary>What is on its way when the door closes arrives within this.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>For so long at most a connection is waited for that has not asked anything.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>For so long at most a request waits for a node that has just started.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly List<Socket> doors = [];
    private int silent;
    private volatile bool hasBegun;
    private volatile bool isLeaving;

    /// <summary>Whether the node has been told to stop.</summary>
    public bool IsLeaving => isLeaving;

    /// <summary>Listens as the platform does, and keeps hold of the door.</summary>
    public Socket Open(EndPoint where)
    {
        var door = SocketTransportOptions.CreateDefaultBoundListenSocket(where);
        lock (doors)
            doors.Add(door);
        return door;
    }

    /// <summary>Counts connections that have not asked anything yet: they are promised an answer to one request.</summary>
    public void Watch(ListenOptions listen) => listen.Use(next => async connection =>
    {
        var asked = new Asked(this);
        connection.Items[typeof(Asked)] = asked;
        try
        {
            await next(connection);
        }
        finally
        {
            asked.Now();
        }
    });

    /// <summary>Lets a request in: after the start not before it can be answered, before the end as the last of its connection.</summary>
    public async Task Admit(HttpContext context, RequestDelegate next)
    {
        (context.Features.Get<IConnectionItemsFeature>()?.Items[typeof(Asked)] as Asked)?.Now();
        if (!hasBegun && !IsOperators(context.Request.Path))
            await Begun(context.RequestServices, context.RequestAborted);
        // The reply to a long request may begin after the node was told to stop.
        context.Response.OnStarting(() =>
        {
            if (isLeaving && HttpProtocol.IsHttp11(context.Request.Protocol))
                context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
        await next(context);
    }

    /// <summary>Completes when nobody can come in any more and everybody who is in has asked.</summary>
    public async Task Leave()
    {
        isLeaving = true;
        Socket[] open;
        lock (doors)
            open = [.. doors];
        foreach (var door in open)
            Deafen(door);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            // Whoever was let in by the system before is let in by the program.
            while (open.Any(door => door.Poll(0, SelectMode.SelectRead)))
                await Task.Delay(10, patience.Token);
            await Task.Delay(Moment, patience.Token);
            while (Volatile.Read(ref silent) > 0)
                await Task.Delay(10, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Whoever has said nothing by now has nothing to say.
        }
    }

    // A start that lasts longer is told of as it is.
    private async Task Begun(IServiceProvider services, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(StartPatience);
        try
        {
            await WebServer.UntilReady(services, patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
        }

        hasBegun = true;
    }

    private static bool IsOperators(PathString path) =>
        path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase);

    // Closing a door breaks off connections that stand in it: a proxy has sent its request by then, and may not send it
    // again. A filter that takes nothing keeps new ones out, and who is in stays; the proxy goes to another node.
    private static void Deafen(Socket door)
    {
        const int SocketLevel = 1, AttachFilter = 26;
        // One instruction: return 0, of the packet's bytes.
        var nothing = GCHandle.Alloc(0x06L, GCHandleType.Pinned);
        try
        {
            Span<byte> program = stackalloc byte[16];
            program.Clear();
            MemoryMarshal.Write(program, (ushort)1);
            MemoryMarshal.Write(program[8..], (long)nothing.AddrOfPinnedObject());
            door.SetRawSocketOption(SocketLevel, AttachFilter, program);
        }
        catch (SocketException)
        {
            // Not on every system: there a connection in that very moment is broken off.
        }
        finally
        {
            nothing.Free();
        }
    }

    // A connection's first request, or its end without one.
    private sealed class Asked
    {
        private readonly Leaving leaving;
        private int waits = 1;

        public Asked(Leaving leaving)
        {
            this.leaving = leaving;
            Interlocked.Increment(ref leaving.silent);
        }

        public void Now()
        {
            if (Interlocked.Exchange(ref waits, 0) == 1)
                Interlocked.Decrement(ref leaving.silent);
        }
    }
}
