using EventFiles.Infrastructure.ReadModels;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Infrastructure.Tests.Equality;

public sealed class MemoryRebuildEqualityTests(PostgresFixture postgres) : RebuildEqualityContract(postgres)
{
    [Fact]
    public async Task What_does_not_follow_from_events_alone_is_found_with_a_short_history_that_shows_it()
    {
        // The first that uploads something.
        var history = History.Of(1, 8);
        Difference? difference;
        while ((difference = await Alone(history, more: Unsound())) is null && history.Seed < 20)
            history = History.Of(history.Seed + 1, 8);

        Assert.NotNull(difference);
        Assert.Equal((history.Seed, "unsound"), (difference.Seed, difference.Projection));
        Assert.Contains("upload.completed.v1", difference.ToString(), StringComparison.Ordinal);

        var shortest = await Shrinking.Shrink(history, async shorter => await Alone(shorter, more: Unsound()) is not null);
        Assert.NotNull(shortest);
        Assert.True(Assert.Single(shortest.Wishes).Deed is Deed.Upload or Deed.SlowUpload);
    }

    private protected override TriedViews NewViews() => new(all => all.AddMemoryReadModels(), () => Task.CompletedTask);

    // Looks at the clock of the machine, and so says something else each time.
    private static Slice Unsound() => new Slice("unsound").Shows(new Projection<Timed>("unsound")
        .On<UploadEvent.Completed>(done => done.File.ToString(), (_, _, _) => new Timed(TimeProvider.System.GetTimestamp())));

    private sealed record Timed(long At);
}
