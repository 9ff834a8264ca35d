using EventFiles.Features.Upload;
using static EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Tests.Upload;

public sealed class UploadProjectionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly UploadId Upload = new(Guid.NewGuid());
    private static readonly FileId File = UploadDecider.NewFileOf(Upload);
    private static readonly AccountId Owner = new(Guid.NewGuid());
    private static readonly FolderId Root = FolderId.RootOf(Owner);

    private static readonly Begun Beginning =
        new(Upload, File, Root, "a", "text/plain", 10, "digest", NameConflict.Rename, Noon);

    private static readonly UploadEvent[] Ends =
    [
        new Completed(Upload, File, 1, Root, "a", "text/plain", 10, "e3b0", ObjectKey.Raw(Upload)),
        new Redirected(Upload, File, new FileId(Guid.NewGuid()), 2),
        new Abandoned(Upload, File, "cancelled"),
        new Consumed(Upload, File, new UploadId(Guid.NewGuid()), new FileId(Guid.NewGuid())),
    ];

    // Among all that are due, and among its owner's.
    private static IndexEntry[] Both(DateTimeOffset until) =>
        [new(UploadProjection.Due, IndexEntry.Time(until)), new(UploadProjection.Of(Owner), IndexEntry.Time(until))];

    [Fact]
    public void An_upload_in_flight_is_due_at_its_deadline() =>
        Assert.Equal(Both(Noon), Entries(After(Beginning)));

    [Fact]
    public void A_part_is_due_at_its_deadline_too() => Assert.Equal(
        Both(Noon),
        Entries(After(new PartBegun(Upload, File, 10, "digest", Noon))));

    [Fact]
    public void A_sign_of_life_puts_it_off() =>
        Assert.Equal(
            Both(Noon.AddMinutes(1)),
            Entries(After(Beginning, new Extended(Upload, File, Noon.AddMinutes(1)))));

    [Fact]
    public void What_has_ended_is_never_due() => Assert.All(Ends, end =>
    {
        Assert.Null(After(Beginning, end));
        Assert.Null(After(end));
    });

    private static UploadView? After(params UploadEvent[] facts) => facts.Aggregate(default(UploadView), (view, fact) =>
    {
        var happened = new RecordedEvent(1, UploadDecider.StreamOf(File, Owner), 1, Guid.NewGuid(), "", Noon, fact);
        Assert.Equal(Upload.ToString(), UploadProjection.Define().KeyOf(happened));
        return (UploadView?)UploadProjection.Define().Fold(view, happened);
    });

    private static IEnumerable<IndexEntry> Entries(UploadView? view) =>
        UploadProjection.Define().Entries(Upload.ToString(), view!);
}
