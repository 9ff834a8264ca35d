using System.IO.Pipelines;
using EventFiles.Host.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventFiles.Architecture.Tests;

public sealed class BodyTurnsTests
{
    private const int Much = 32 << 10;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_silent_keeps_nobody_out()
    {
        using var turns = new BodyTurns(TimeProvider.System);
        var silent = Enumerable.Range(0, 2 * BodyTurns.AtOnce).Select(_ => new Client(turns)).ToList();
        foreach (var one in silent)
        {
            await one.Send();
            Assert.Equal(Much, await one.Read());
            _ = one.Read();
        }

        var another = new Client(turns);
        await another.Send();

        Assert.Equal(Much, await another.Read());
    }

    [Fact]
    public async Task Whoever_sends_much_keeps_nobody_out_for_long()
    {
        var clock = new SteppedTime();
        using var turns = new BodyTurns(clock);
        var eager = Enumerable.Range(0, BodyTurns.AtOnce).Select(_ => new Client(turns)).ToList();
        foreach (var one in eager)
        {
            await one.Send();
            await one.Send();
            Assert.Equal(Much, await one.Read());
        }

        var another = new Client(turns);
        await another.Send();
        var waiting = another.Read();
        Assert.False(waiting.IsCompleted);
        clock.Now += 2 * BodyTurns.Longest.Ticks;
        _ = eager[0].Read();

        Assert.Equal(Much, await waiting.WaitAsync(Moment, Cancel));
    }

    [Fact]
    public async Task Whoever_is_answered_or_goes_away_leaves_the_turn_to_another()
    {
        using var turns = new BodyTurns(TimeProvider.System);
        var others = Enumerable.Range(0, BodyTurns.AtOnce).Select(_ => new Client(turns)).ToList();
        foreach (var one in others)
        {
            await one.Send();
            await one.Read();
        }

        var gone = new Client(turns);
        await gone.Send();
        using var leaving = new CancellationTokenSource();
        var never = gone.Read(leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        var another = new Client(turns);
        await another.Send();
        var waiting = another.Read();
        Assert.False(waiting.IsCompleted);
        await others[0].Answered();

        Assert.Equal(Much, await waiting.WaitAsync(Moment, Cancel));
    }

    // A request under way, and who sends its body.
    private sealed class Client
    {
        private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        private readonly TaskCompletionSource answer = new();
        private readonly HttpContext context = new DefaultHttpContext();
        private readonly Task request;

        public Client(BodyTurns turns)
        {
            context.Features.Set<IRequestBodyPipeFeature>(new Arriving(pipe.Reader));
            context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
            request = turns.Share(context, _ => answer.Task);
        }

        public async Task Send() => await pipe.Writer.WriteAsync(new byte[Much], Cancel);

        public Task<int> Read(CancellationToken cancel = default) => context.Request.Body.ReadAsync(new byte[Much], cancel).AsTask();

        public async Task Answered()
        {
            answer.SetResult();
            await request;
        }
    }

    private sealed record Arriving(PipeReader Reader) : IRequestBodyPipeFeature;

    private sealed record HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }

    private sealed class SteppedTime : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
