using EventFiles.Features.Delete;
using static EventFiles.Features.Delete.StorageCommand;
using static EventFiles.Features.Delete.StorageEvent;

namespace EventFiles.Features.Tests.Delete;

public sealed class StorageDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly UploadId Lost = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly StoredObject Orphan = new(ObjectKey.Raw(Lost), 7, Noon.AddHours(-2));

    private readonly Specification<StorageCommand, StorageState, StorageEvent> storage = new(StorageDecider.Decider, Noon);

    [Fact]
    public void What_was_removed_is_on_record() => storage
        .Given()
        .When(new Remove(Orphan, StorageFault.Orphan))
        .Then(new OrphanRemoved(Orphan.Key, StorageFault.Orphan, 7, Orphan.StoredAt));

    [Fact]
    public void What_came_again_under_the_same_key_is_on_record_again() => storage
        .Given(new OrphanRemoved(Orphan.Key, StorageFault.Orphan, 7, Orphan.StoredAt))
        .When(new Remove(Orphan with { StoredAt = Noon }, StorageFault.LeftOver))
        .Then(new OrphanRemoved(Orphan.Key, StorageFault.LeftOver, 7, Noon));

    [Fact]
    public void A_stream_bears_the_id_that_the_key_names()
    {
        var file = new FileId(Lost.Value);
        Assert.Equal($"storage-{Lost}", StorageDecider.StreamOf(Orphan.Key).Name);
        Assert.Equal($"storage-{Lost}", StorageDecider.StreamOf(ObjectKey.Variant(file, 3, "thumbnail")).Name);
    }
}
