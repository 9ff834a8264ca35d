using EventFiles.Infrastructure.ReadModels;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Infrastructure.Tests.Equality;

public sealed class MemoryRebuildEqualityTests(PostgresFixture postgres) : RebuildEqualityContract(postgres)
{
    [Fact]
    public async Task What_does_not_follow_from_events_alone_is_found_with_a_short_history_that_shows_it()
    {
        // One that uploads something, by itself and among other things.
        var (seed, history, difference) = (0, default(History), default(Difference));
        while (difference is null && seed++ < 20)
        {
            var upload = new Wish(Deed.Upload, 0, seed);
            history = new History(seed, [new Wish(Deed.Look, 0, 1), new Wish(Deed.SignIn, 0, 2), upload, new Wish(Deed.Look, 0, 3), new Wish(Deed.OpenPage, 0, 4)]);
            if (await Alone(history with { Wishes = [upload] }, more: Unsound()) is not null)
                difference = await Alone(history, more: Unsound());
        }

        Assert.NotNull(difference);
        Assert.Equal((seed, "unsound"), (difference.Seed, difference.Projection));
        Assert.Contains("upload.completed.v1", difference.ToString(), StringComparison.Ordinal);

        var shortest = await Shrinking.Shrink(history!, async shorter => await Alone(shorter, more: Unsound()) is not null);
        Assert.NotNull(shortest);
        Assert.Equal(new Wish(Deed.Upload, 0, seed), Assert.Single(shortest.Wishes));
    }

    private protected override TriedViews NewViews() => new(all => all.AddMemoryReadModels(), () => Task.CompletedTask);

    // Looks at the clock of the machine, and so says something else each time.
    private static Slice Unsound() => new Slice("unsound").Shows(new Projection<Timed>("unsound")
        .On<UploadEvent.Completed>(done => done.File.ToString(), (_, _, _) => new Timed(TimeProvider.System.GetTimestamp())));

    private sealed record Timed(long At);
}
