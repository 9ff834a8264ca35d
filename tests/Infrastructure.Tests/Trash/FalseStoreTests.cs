using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Quota;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Trash;

/// <summary>A store that says yes to a removal and keeps the bytes: nobody is told that they are gone.</summary>
public sealed class FalseStoreTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private FalseStore store = null!;

    [Fact]
    public async Task A_file_is_purged_when_its_bytes_are_gone_and_not_when_the_store_says_so()
    {
        var file = await Upload("a.txt", null);
        store.KeepsAll = true;
        await Yes(new DeleteFile(Olga, file));
        await Wait.Until(() => store.Kept > 1, "it is asked more than once");
        Assert.False(await IsPurged(file));
        Assert.Equal(1, (await Yes(new ReadQuota(Olga, null))).Files);

        store.KeepsAll = false;
        await Wait.Until(() => IsPurged(file), "its bytes are gone");
        await Wait.Until(async () => (await Yes(new ReadQuota(Olga, null))).Files == 0, "its space");
    }

    [Fact]
    public async Task So_it_is_with_a_version()
    {
        var file = await Upload("a.txt", null);
        await Upload("a.txt", null, file, "other content");
        store.KeepsAll = true;
        await Yes(new DeleteVersion(Olga, file, 1));
        await Wait.Until(() => store.Kept > 1, "it is asked more than once");
        Assert.Empty(await Purged());

        store.KeepsAll = false;
        await Wait.Until(async () => (await Purged()).Count == 1, "its bytes are gone");

        async Task<List<VersionEvent.Purged>> Purged() =>
            [.. (await Node.Get<IStreams>().Read($"version-{file}", 0, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken))
                .Select(happened => happened.Fact).OfType<VersionEvent.Purged>()];
    }

    private protected override IObjects Around(IObjects objects) => store = new FalseStore(objects);

    private async Task<bool> IsPurged(FileId file) =>
        (await Node.Get<IStreams>().Read($"delete-{file}", 0, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken))
            .Any(happened => happened.Fact is DeleteEvent.Purged);

    private sealed class FalseStore(IObjects inner) : IObjects, IDisposable
    {
        private int kept;

        public bool KeepsAll { get; set; }

        /// <summary>How many removals it has only said yes to.</summary>
        public int Kept => kept;

        public void Dispose() => ((IDisposable)inner).Dispose();

        public Task Delete(ObjectKey key, CancellationToken cancel)
        {
            if (!KeepsAll)
                return inner.Delete(key, cancel);
            Interlocked.Increment(ref kept);
            return Task.CompletedTask;
        }

        public Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel) => inner.DeleteUnchanged(seen, cancel);

        public Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel) => inner.Put(key, content, cancel);

        public Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel) =>
            inner.Append(key, offset, content, cancel);

        public Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel) => inner.GrowingLength(key, cancel);

        public Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel) => inner.Seal(key, cancel);

        public Task<Stream?> Open(ObjectKey key, CancellationToken cancel) => inner.Open(key, cancel);

        public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancel) => inner.List(prefix, cancel);
    }
}
