using EventFiles.Features.Export;
using static EventFiles.Features.Export.ExportCommand;
using static EventFiles.Features.Export.ExportEvent;

namespace EventFiles.Features.Tests.Export;

public sealed class ExportDeciderTests
{
    private static readonly DateTimeOffset Noon = Telling<ExportView>.Noon;
    private static readonly ExportId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly ExportId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly Guid Attempt = Guid.Parse("00000000-0000-7000-8000-000000000003");
    private static readonly ExportFigures Figures = new(Attempt, 90, 3, 2, 1, 1000, "digest");

    private static readonly Requested Asked = new(First, Noon.AddDays(1), Noon);
    private static readonly Completed Ready = new(First, Attempt, 90, 3, 2, 1, 1000, "digest", Noon.AddDays(7));

    private readonly Specification<ExportCommand, ExportState, ExportEvent> export = new(ExportDecider.Decider, Noon);

    [Fact]
    public void It_is_asked_for() => export
        .Given()
        .When(new Request(First, Noon.AddDays(1), Noon))
        .Then(Asked);

    [Fact]
    public void Who_asks_while_one_is_made_has_asked_for_that_one() => export
        .Given(Asked)
        .When(new Request(Second, Noon.AddDays(1), Noon))
        .ThenNothing();

    [Fact]
    public void Another_one_replaces_one_that_is_ready() => export
        .Given(Asked, Ready)
        .When(new Request(Second, Noon.AddDays(1), Noon))
        .Then(new Ended(First, ExportEnd.Replaced), Asked with { Export = Second });

    [Fact]
    public void Another_one_is_not_made_so_soon_whatever_became_of_the_last()
    {
        var early = Asked with { NextFrom = Noon.AddMinutes(10) };
        var soon = ExportRejection.TooSoon with { RetryAfter = TimeSpan.FromMinutes(10) };
        export.Given(early, Ready).When(new Request(Second, Noon.AddDays(1), Noon)).ThenRejected(soon);
        export.Given(early, new Ended(First, ExportEnd.Deleted)).When(new Request(Second, Noon.AddDays(1), Noon)).ThenRejected(soon);
    }

    [Fact]
    public void Progress_goes_forward_only()
    {
        export.Given(Asked).When(new Note(First, 40, Noon.AddDays(2))).Then(new Progressed(First, 40, Noon.AddDays(2)));
        export.Given(Asked, new Progressed(First, 40, Noon.AddDays(2))).When(new Note(First, 30, Noon.AddDays(3))).ThenNothing();
    }

    [Fact]
    public void What_is_in_it_is_fixed_once()
    {
        export.Given(Asked).When(new Complete(First, Figures, Noon.AddDays(7))).Then(Ready);
        export.Given(Asked, Ready).When(new Complete(First, Figures with { Position = 95 }, Noon.AddDays(8))).ThenNothing();
    }

    [Fact]
    public void What_is_over_is_not_made_any_more() => export
        .Given(Asked, new Ended(First, ExportEnd.Erased))
        .When(new Complete(First, Figures, Noon.AddDays(7)))
        .ThenNothing();

    [Fact]
    public void It_may_be_ended_at_any_time()
    {
        export.Given(Asked).When(new End(First, ExportEnd.Deleted)).Then(new Ended(First, ExportEnd.Deleted));
        export.Given(Asked, Ready).When(new End(First, ExportEnd.Outdated)).Then(new Ended(First, ExportEnd.Outdated));
    }

    [Fact]
    public void A_former_one_ends_nothing() => export
        .Given(Asked, Ready, new Ended(First, ExportEnd.Replaced), Asked with { Export = Second })
        .When(new End(First, ExportEnd.Deleted))
        .ThenNothing();

    [Fact]
    public void Its_time_is_over_then_and_not_before()
    {
        export.Given(Asked).When(new Lapse(First)).ThenNothing();
        export.Given(Asked with { Until = Noon }).When(new Lapse(First)).Then(new Ended(First, ExportEnd.Failed));
        export.Given(Asked, Ready).When(new Lapse(First)).ThenNothing();
        export.Given(Asked, Ready with { ExpiresAt = Noon }).When(new Lapse(First)).Then(new Ended(First, ExportEnd.Expired));
    }

    [Fact]
    public void Whose_it_is_sees_how_it_stands()
    {
        var olga = new AccountId(Guid.Parse("00000000-0000-7000-8000-000000000008"));
        var told = new Telling<ExportView>(ExportProjection.Define(), olga).Tell(Asked, new Progressed(First, 40, Noon.AddDays(2)));
        var making = told.View(First)!.ToReply();
        Assert.Equal(("making", 40, (long?)null), (making.Status, making.Percent, making.SizeBytes));
        Assert.Equal([First.ToString()], told.Index(ExportProjection.Due));

        told.Tell(Ready);
        var ready = told.View(First)!.ToReply();
        Assert.Equal(("ready", 100, 1000L, "digest"), (ready.Status, ready.Percent, ready.SizeBytes, ready.ManifestSha256));
        Assert.Equal(Noon.AddDays(7), ready.ExpiresAt);

        told.Tell(new Ended(First, ExportEnd.Expired));
        var over = told.View(First)!.ToReply();
        Assert.Equal(("expired", null, null), (over.Status, over.SizeBytes, over.ExpiresAt));
        Assert.Empty(told.Index(ExportProjection.Due));
        Assert.Equal([First.ToString()], told.Index(ExportProjection.Of(olga)));
    }
}
