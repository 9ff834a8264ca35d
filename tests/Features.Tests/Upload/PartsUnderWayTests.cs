using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

public sealed class PartsUnderWayTests
{
    private readonly PartsUnderWay all = new();
    private readonly UploadId one = new(Guid.NewGuid());

    [Fact]
    public void Of_one_upload_eight_parts_come_at_once_and_it_holds_up_no_other()
    {
        var turns = Enumerable.Range(0, 8).Select(_ => all.TryEnter(one)).ToList();
        Assert.DoesNotContain(null, turns);
        Assert.Null(all.TryEnter(one));
        Assert.Null(all.TryEnter(one));
        Assert.NotNull(all.TryEnter(new UploadId(Guid.NewGuid())));

        turns[3]!.Dispose();
        Assert.NotNull(all.TryEnter(one));
        Assert.Null(all.TryEnter(one));
    }

    [Fact]
    public void However_many_come_and_go_at_once_no_place_is_lost()
    {
        Parallel.For(0, 2000, _ => all.TryEnter(one)?.Dispose());
        Assert.DoesNotContain(null, Enumerable.Range(0, 8).Select(_ => all.TryEnter(one)).ToList());
        Assert.Null(all.TryEnter(one));
    }
}
