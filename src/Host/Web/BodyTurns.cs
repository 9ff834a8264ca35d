using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;

namespace EventFiles.Host.Web;

/// <summary>
/// How many bodies are taken in at once. What the others send waits in the sockets of both sides and in 64 KiB each of the
/// process: so a thousand who send at once need little more memory than that (ADR 94). Nobody has a turn who sends nothing
/// for a moment, and nobody for longer than a second.
/// </summary>
internal sealed class BodyTurns
{
    /// <summary>How many have a turn.</summary>
    public const int AtOnce = 64;

    /// <summary>After so long a turn is over; whoever has more to send stands in line again.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    // So long nothing may come before the turn is given up.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(20);

    // So much takes less than a turn would save, and many of them share one commit.
    private const int SmallBytes = 16 * 1024;

    private readonly TimeProvider clock;
    private readonly Channel<bool> free = Channel.CreateBounded<bool>(AtOnce);

    /// <summary>All turns are free.</summary>
    public BodyTurns(TimeProvider clock)
    {
        this.clock = clock;
        while (free.Writer.TryWrite(true))
        {
            // One more.
        }
    }

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

    // What a client sends; read by one at a time.
    private sealed class Body : OneWayStream
    {
        private readonly BodyTurns turns;
        private readonly PipeReader from;
        private readonly ITimer end;
        private long taken;
        private int hasTurn;

        public Body(BodyTurns turns, PipeReader from)
        {
            (this.turns, this.from) = (turns, from);
            // Whatever the request waits for when its body is there, others do not wait for it too.
            end = turns.clock.CreateTimer(body => ((Body)body!).Leave(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0)
                return 0;
            if (!from.TryRead(out var came))
                came = await Come(from.ReadAsync(cancellationToken));

            var upto = came.Buffer.Start;
            try
            {
                if (came.IsCanceled)
                    throw new OperationCanceledException("The reading of the request was cancelled.");
                var bytes = came.Buffer.Slice(0, Math.Min(buffer.Length, came.Buffer.Length));
                if (taken + bytes.Length > SmallBytes)
                    await Enter(cancellationToken);
                bytes.CopyTo(buffer.Span);
                upto = bytes.End;
                taken += bytes.Length;
                return (int)bytes.Length;
            }
            finally
            {
                from.AdvanceTo(upto);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                end.Dispose();
                Leave();
            }

            base.Dispose(disposing);
        }

        // What is on its way comes at once; whoever gives up the turn in the middle keeps its buffers until it is in turn again.
        private async ValueTask<ReadResult> Come(ValueTask<ReadResult> reading)
        {
            if (Volatile.Read(ref hasTurn) == 0 || reading.IsCompleted)
                return await reading;
            var coming = reading.AsTask();
            await ((Task)coming).WaitAsync(OnItsWay, turns.clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!coming.IsCompleted)
                Leave();
            return await coming;
        }

        private async ValueTask Enter(CancellationToken cancel)
        {
            if (Volatile.Read(ref hasTurn) == 1)
                return;
            await turns.free.Reader.ReadAsync(cancel);
            Volatile.Write(ref hasTurn, 1);
            end.Change(Longest, Timeout.InfiniteTimeSpan);
        }

        private void Leave()
        {
            if (Interlocked.Exchange(ref hasTurn, 0) == 1)
                turns.free.Writer.TryWrite(true);
        }
    }
}
