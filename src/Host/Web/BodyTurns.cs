using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace EventFiles.Host.Web;

/// <summary>
/// How many bodies are taken in at once. What the others send waits in the sockets of both sides, which costs the process next
/// to nothing: so a thousand who send at once need little more memory than a few (ADR 94). Nobody has a turn while they send
/// nothing, and whoever sends much gives it up to those who wait, every second.
/// </summary>
internal sealed class BodyTurns(TimeProvider clock) : IDisposable
{
    /// <summary>How many have a turn.</summary>
    public const int AtOnce = 64;

    /// <summary>After so long whoever has a turn gives it up to those who wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    // So long nothing may come before the turn is given up.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(20);

    // These take less than a turn would save, and many of them share one commit.
    private const int SmallBytes = 16 * 1024;

    private readonly TimeProvider clock = clock;
    private readonly SemaphoreSlim free = new(AtOnce);

    /// <summary>Hands a request on with a body that takes turns with others.</summary>
    public async Task Share(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.ContentLength <= SmallBytes || context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            await next(context);
            return;
        }

        await using var body = new Body(this, request.BodyReader);
        request.Body = body;
        await next(context);
    }

    public void Dispose() => free.Dispose();

    // What a client sends; read by one at a time.
    private sealed class Body(BodyTurns turns, PipeReader from) : OneWayStream
    {
        private bool hasTurn;
        private long since;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0)
                return 0;
            if (!from.TryRead(out var came))
                came = await Come(from.ReadAsync(cancellationToken));

            var taken = came.Buffer.Start;
            try
            {
                if (came.IsCanceled)
                    throw new OperationCanceledException("The reading of the request was cancelled.");
                await Enter(cancellationToken);
                var bytes = came.Buffer.Slice(0, Math.Min(buffer.Length, came.Buffer.Length));
                bytes.CopyTo(buffer.Span);
                taken = bytes.End;
                return (int)bytes.Length;
            }
            finally
            {
                from.AdvanceTo(taken);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Leave();
            base.Dispose(disposing);
        }

        // What is on its way comes at once; whoever gives up the turn in the middle keeps its buffers until it is in turn again.
        private async ValueTask<ReadResult> Come(ValueTask<ReadResult> reading)
        {
            if (!hasTurn || reading.IsCompleted)
                return await reading;
            var coming = reading.AsTask();
            await ((Task)coming).WaitAsync(OnItsWay, turns.clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!coming.IsCompleted)
                Leave();
            return await coming;
        }

        private async ValueTask Enter(CancellationToken cancel)
        {
            if (hasTurn && turns.clock.GetElapsedTime(since) > Longest)
                Leave();
            if (hasTurn)
                return;
            await turns.free.WaitAsync(cancel);
            (hasTurn, since) = (true, turns.clock.GetTimestamp());
        }

        private void Leave()
        {
            if (!hasTurn)
                return;
            hasTurn = false;
            turns.free.Release();
        }
    }
}
