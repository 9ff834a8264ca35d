using Microsoft.Extensions.Logging.Abstractions;

namespace EventFiles.Infrastructure.Tests;

public sealed class ReachabilityTests
{
    private readonly ManualTime time = new();
    private readonly Server broker = new("broker");
    private readonly Server objects = new("objects");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_many_look_a_server_is_asked_once_in_a_while()
    {
        var reachability = Reachability(broker, objects);
        var first = Enumerable.Range(0, 50).Select(_ => reachability.Look(Cancel)).ToList();
        await Wait.Until(() => (broker.Asked, objects.Asked) == (1, 1), "the questions");
        broker.Answer.SetResult();
        objects.Answer.SetException(new IOException("No."));

        foreach (var look in first.Append(reachability.Look(Cancel)))
            Assert.Equal(("ok", "out of reach"), Both(await Wait.For(look)));
        Assert.Equal((1, 1), (broker.Asked, objects.Asked));

        objects.Answer = new TaskCompletionSource();
        objects.Answer.SetResult();
        time.Advance(Infrastructure.Reachability.Fresh);
        Assert.Equal(("ok", "ok"), Both(await Wait.For(reachability.Look(Cancel))));
        Assert.Equal((2, 2), (broker.Asked, objects.Asked));
    }

    [Fact]
    public async Task Nobody_waits_long_for_one_that_is_silent_and_it_is_asked_no_more_meanwhile()
    {
        var reachability = Reachability(broker);
        var look = reachability.Look(Cancel);
        await Wait.Until(() => time.Next <= Infrastructure.Reachability.Patience && broker.Asked == 1, "the question");
        Assert.False(look.IsCompleted);
        time.Advance(Infrastructure.Reachability.Patience);
        Assert.Equal("out of reach", (await Wait.For(look))["broker"]);

        time.Advance(Infrastructure.Reachability.Fresh);
        Assert.Equal("out of reach", (await Wait.For(reachability.Look(Cancel)))["broker"]);
        Assert.Equal(1, broker.Asked);

        // It never answers: the question is given up, and the next who looks asks again.
        time.Advance(TimeSpan.FromSeconds(10));
        await Wait.Until(() => broker.GivenUp == 1, "the end of the question");
        broker.Answer.SetResult();
        await Wait.Until(async () => (await Wait.For(reachability.Look(Cancel)))["broker"] == "ok", "its answer");
    }

    private static (string Broker, string Objects) Both(IReadOnlyDictionary<string, string> all) => (all["broker"], all["objects"]);

    private Reachability Reachability(params Server[] servers) => new(servers, time, NullLogger<Reachability>.Instance);

    private sealed class Server(string name) : IDependency
    {
        private int asked;

        public string Name => name;

        public int Asked => Volatile.Read(ref asked);

        public int GivenUp { get; private set; }

        public TaskCompletionSource Answer { get; set; } = new();

        public async Task Ask(CancellationToken cancel)
        {
            Interlocked.Increment(ref asked);
            try
            {
                await Answer.Task.WaitAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                GivenUp++;
                throw;
            }
        }
    }
}
