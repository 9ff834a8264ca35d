using EventFiles.Features.Share;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Share;

public sealed class ShareVeilTests
{
    private static readonly ShareId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly ShareId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));

    private static readonly ShareEvent Offered = new ShareEvent.Offered(
        Photo, First, "zoe@example.org", "zoe@example.org", ShareRole.Viewer, null, MayShare: false, By: null);

    private static readonly ShareEvent Withdrawn = new ShareEvent.Withdrawn(Photo, First);

    [Fact]
    public void What_was_offered_reads_the_same_whether_or_not_an_account_took_it()
    {
        ShareEvent[] taken =
        [
            Offered, new ShareEvent.Taken(Photo, First, Mei), new ShareEvent.Granted(Photo, First, Mei, ShareRole.Viewer, Until: null),
            Offered, new ShareEvent.Changed(Photo, First, Mei, ShareRole.Viewer, Until: null), new ShareEvent.Revoked(Photo, First, Mei), Withdrawn,
        ];
        Assert.Equal([Offered, Offered, Withdrawn], Shown(taken));
    }

    [Fact]
    public void What_is_shared_by_id_is_told_as_it_was()
    {
        ShareEvent[] shared = [Offered, new ShareEvent.Granted(Photo, Second, Mei, ShareRole.Viewer, Until: null), new ShareEvent.Revoked(Photo, Second, Mei)];
        Assert.Equal(shared, Shown(shared));
    }

    private static IEnumerable<object> Shown(IEnumerable<ShareEvent> told)
    {
        var veil = new ShareVeil();
        return [.. told.Where((fact, at) => !veil.Hides(new RecordedEvent(
            at + 1, ShareDecider.StreamOf(Olga, Photo), at + 1, Guid.Empty, fact.GetType().Name, Noon, fact)))];
    }
}
