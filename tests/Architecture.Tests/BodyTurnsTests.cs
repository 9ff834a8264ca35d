using System.IO.Pipelines;
using EventFiles.Host.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventFiles.Architecture.Tests;

public sealed class BodyTurnsTests
{
    private const int Much = 32 << 10;
    private const int Little = 8 << 10;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_silent_keeps_nobody_out()
    {
        var turns = new BodyTurns(TimeProvider.System);
        for (var number = 0; number < 2 * BodyTurns.AtOnce; number++)
        {
            var silent = await Sender(turns);
            _ = silent.Read();
        }

        await Sender(turns);
    }

    [Fact]
    public async Task Whoever_sends_much_keeps_nobody_out_for_long()
    {
        var clock = new HeldTime();
        var turns = new BodyTurns(clock);
        var eager = await Senders(turns);
        foreach (var one in eager)
            await one.Send(Much);

        var another = new Client(turns);
        await another.Send(Much);
        var waiting = another.Read();
        Assert.Equal(Much, await eager[0].Read());
        Assert.False(waiting.IsCompleted);
        clock.Pass();

        Assert.Equal(Much, await waiting.WaitAsync(Moment, Cancel));
        Assert.Equal(Much, await eager[1].Read());
    }

    [Fact]
    public async Task Whoever_waits_for_an_answer_keeps_nobody_out_for_long()
    {
        var clock = new HeldTime();
        var turns = new BodyTurns(clock);
        await Senders(turns);

        var another = new Client(turns);
        await another.Send(Much);
        var waiting = another.Read();
        Assert.False(waiting.IsCompleted);
        clock.Pass();

        Assert.Equal(Much, await waiting.WaitAsync(Moment, Cancel));
    }

    [Fact]
    public async Task Whoever_is_answered_or_goes_away_leaves_the_turn_to_another()
    {
        var turns = new BodyTurns(new HeldTime());
        var others = await Senders(turns);

        var gone = new Client(turns);
        await gone.Send(Much);
        using var leaving = new CancellationTokenSource();
        var never = gone.Read(leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        var another = new Client(turns);
        await another.Send(Much);
        var waiting = another.Read();
        Assert.False(waiting.IsCompleted);
        await others[0].Answered();

        Assert.Equal(Much, await waiting.WaitAsync(Moment, Cancel));
        // What was not read when the other went away is still there.
        await others[1].Answered();
        Assert.Equal(Much, await gone.Read());
    }

    [Fact]
    public async Task Little_needs_no_turn()
    {
        var turns = new BodyTurns(new HeldTime());
        await Senders(turns);

        var brief = new Client(turns);
        await brief.Send(Little);
        Assert.Equal(Little, await brief.Read());
        await brief.Send(Much);
        Assert.False(brief.Read().IsCompleted);
    }

    private static async Task<Client> Sender(BodyTurns turns)
    {
        var client = new Client(turns);
        await client.Send(Much);
        Assert.Equal(Much, await client.Read());
        return client;
    }

    private static async Task<List<Client>> Senders(BodyTurns turns)
    {
        var all = new List<Client>();
        while (all.Count < BodyTurns.AtOnce)
            all.Add(await Sender(turns));
        return all;
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

        public async Task Send(int bytes) => await pipe.Writer.WriteAsync(new byte[bytes], Cancel);

        public Task<int> Read(CancellationToken cancel = default) =>
            context.Request.Body.ReadAsync(new byte[Much], cancel).AsTask().WaitAsync(Moment, Cancel);

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

    // Stands still until all that somebody waits for is due at once.
    private sealed class HeldTime : TimeProvider
    {
        private readonly List<Waiting> all = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Waiting(() => callback(state)) { IsDue = dueTime != Timeout.InfiniteTimeSpan };
            all.Add(timer);
            return timer;
        }

        public void Pass()
        {
            foreach (var timer in all.Where(one => one.IsDue).ToList())
                timer.Rings();
        }

        private sealed class Waiting(Action rings) : ITimer
        {
            public bool IsDue { get; set; }

            public void Rings() => rings();

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                IsDue = dueTime != Timeout.InfiniteTimeSpan;
                return true;
            }

            public void Dispose() => IsDue = false;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
