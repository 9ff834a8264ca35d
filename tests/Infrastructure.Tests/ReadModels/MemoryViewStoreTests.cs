using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class MemoryViewStoreTests : ViewStoreContract
{
    private protected override IViewStore Store { get; } = new MemoryViewStore();

    [Fact]
    public void A_view_that_no_slice_shows_is_named() =>
        Assert.Contains(
            "Version",
            Assert.Throws<InvalidOperationException>(() => new StoredReadModel<Version>(Store, Shelf.Slices())).Message,
            StringComparison.Ordinal);
}
