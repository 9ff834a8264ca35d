using System.Collections.Concurrent;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ReadModels;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.Messaging;

public sealed class RoundsTests
{
    private readonly ManualTime time = new();
    private readonly Watch watch = new();

    [Fact]
    public async Task A_round_begins_when_readers_have_caught_up_and_again_so_long_after_each()
    {
        await using var node = Node();
        var startedAt = time.GetUtcNow();
        await node.Start<Rounds>();
        for (var glance = 0; glance < 3; glance++)
        {
            await Wait.Until(() => time.Next > TimeSpan.Zero, "the wait for readers");
            Assert.Empty(watch.Asked);
            if (glance == 2)
                node.Get<ReadPosition>().CatchUp();
            time.Advance(time.Next!.Value);
        }

        for (var round = 1; round <= 3; round++)
        {
            await Wait.Until(() => watch.Asked.Count == round && time.Next == TimeSpan.FromHours(1), $"round {round}");
            time.Advance(TimeSpan.FromHours(1));
        }

        await Wait.Until(() => watch.Asked.Count == 4, "the last round");
        Assert.All(watch.Asked, at => Assert.Equal(startedAt, at));
    }

    [Fact]
    public async Task A_round_that_fails_is_repeated_soon()
    {
        await using var node = Node();
        watch.Failures = 2;
        node.Get<ReadPosition>().CatchUp();
        await node.Start<Rounds>();

        for (var failure = 1; failure <= 2; failure++)
        {
            await Wait.Until(() => watch.Asked.Count == failure && time.Next is not null, $"failure {failure}");
            Assert.InRange(time.Next!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(5));
            time.Advance(time.Next.Value);
        }

        await Wait.Until(() => watch.Asked.Count == 3 && time.Next == TimeSpan.FromHours(1), "the round after them");
    }

    private Node Node() => new(new MemoryFeed(time), clock: time, also: all => all
        .AddSingleton(new Slices([new Slice("watch").Repeats(_ => TimeSpan.FromHours(1), startedAt => new Look(startedAt))]))
        .AddSingleton<IRequestHandler<Look, Answer<Done>>>(watch));

    private sealed record Look(DateTimeOffset StartedAt) : IRequest<Answer<Done>>;

    private sealed class Watch : IRequestHandler<Look, Answer<Done>>
    {
        public ConcurrentQueue<DateTimeOffset> Asked { get; } = [];

        public int Failures { get; set; }

        public Task<Answer<Done>> Handle(Look request, CancellationToken cancellationToken)
        {
            Asked.Enqueue(request.StartedAt);
            return Asked.Count <= Failures
                ? throw new IOException("Not now.")
                : Task.FromResult<Answer<Done>>(default(Done));
        }
    }
}
