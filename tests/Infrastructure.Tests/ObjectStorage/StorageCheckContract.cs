using EventFiles.Features.Accounts;
using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Process;
using EventFiles.Features.Quota;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>A real log and a real store, with what the slices would have written to them.</summary>
public abstract class StorageCheckContract(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly AccountId Olga = NewId.Of<AccountId>(TimeProvider.System);

    private ServiceProvider services = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IObjects Objects => services.GetRequiredService<IObjects>();

    private IStreams Streams => services.GetRequiredService<IStreams>();

    private StorageCheck Check => services.GetRequiredService<StorageCheck>();

    /// <summary>Adds the store that the log is compared with.</summary>
    protected abstract Task AddObjects(IServiceCollection services);

    public async ValueTask InitializeAsync()
    {
        Slice[] slices =
        [
            UploadSlice.Define(), QuotaSlice.Define(), ProcessSlice.Define(), DeleteSlice.Define(), FilesSlice.Define(),
            new Slice("others").Stores<AccountsEvent.AvatarChanged>("accounts.avatar-changed.v1"),
        ];
        var all = new ServiceCollection().AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton(new Slices(slices))
            .AddEventStore(await postgres.CreateDatabase());
        await AddObjects(all);
        Array.ForEach(slices, slice => slice.Register(all));
        services = all.BuildServiceProvider();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_the_log_tells_of_is_left_alone()
    {
        var whole = await Store();
        var begun = await Store();
        var (photo, later, former) = (await Store(), await Store(), await Store());
        await Tell(whole, Completed(whole, whole, 1));
        await Tell(begun, Begin(begun));
        await Tell(photo, Completed(photo, photo, 1), Completed(later, photo, 2), Completed(former, photo, 3));
        await Tell(later, new UploadCommand.Assign(later, new FileId(photo.Value)));
        // The third version has no stream under its upload's own name: an older program stored it.
        await Plan(whole, "thumbnail");
        await Put(ObjectKey.Variant(new FileId(whole.Value), 1, "thumbnail"));

        Assert.Empty(await Found());
        Assert.Equal(6, await Objects.List("", Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task What_nothing_tells_of_is_found_and_removed_and_on_record()
    {
        var (lost, kept) = (await Store(), await Store());
        await Tell(kept, Completed(kept, kept, 1));
        var made = await Put(ObjectKey.Variant(new FileId(kept.Value), 1, "nobody-asked-for-it"));

        var found = await Found();
        Assert.Equal(
            [(StorageFault.Orphan, made, 3L), (StorageFault.Orphan, ObjectKey.Raw(lost), 3L)],
            found.OrderBy(one => one.Stored.Key, ByText).Select(one => (one.Fault, one.Stored.Key, one.Stored.SizeBytes)));
        Assert.All(found, one => Assert.Null(one.Event));
        foreach (var one in found)
            Assert.True(await Check.Remove(one, Cancel));

        Assert.Equal([ObjectKey.Raw(kept)], await Keys());
        Assert.Empty(await Found());
        Assert.Equal("lost", Assert.IsType<UploadEvent.Abandoned>(Assert.Single(await History($"upload-{lost}"))).Reason);
        Assert.Equal(made, Assert.IsType<StorageEvent.OrphanRemoved>(Assert.Single(await History($"storage-{kept}"))).Key);
        Assert.Single(await History($"storage-{lost}"));
    }

    [Fact]
    public async Task What_is_over_is_found_and_removed()
    {
        var (abandoned, photo, later) = (await Store(), await Store(), await Store());
        await Tell(abandoned, Begin(abandoned), new UploadCommand.Abandon(abandoned, new FileId(abandoned.Value), "expired"));
        await Tell(photo, Completed(photo, photo, 1), Completed(later, photo, 2));
        await Tell(later, new UploadCommand.Assign(later, new FileId(photo.Value)));
        await Plan(photo, "thumbnail");
        var made = await Put(ObjectKey.Variant(new FileId(photo.Value), 1, "thumbnail"));
        await DeleteForGood(photo);

        var found = await Found();
        Assert.All(found, one => Assert.Equal(StorageFault.LeftOver, one.Fault));
        Assert.Equal(
            new[] { ObjectKey.Raw(abandoned), ObjectKey.Raw(photo), ObjectKey.Raw(later), made }.Order(ByText),
            found.Select(one => one.Stored.Key).Order(ByText));
        await Named<UploadEvent.Abandoned>($"upload-{abandoned}", found.Single(one => one.Stored.Key == ObjectKey.Raw(abandoned)));
        foreach (var one in found.Where(one => one.Stored.Key != ObjectKey.Raw(abandoned)))
            await Named<DeleteEvent.Requested>($"delete-{photo}", one);
        foreach (var one in found)
            Assert.True(await Check.Remove(one, Cancel));
        Assert.Empty(await Keys());
    }

    [Fact]
    public async Task What_a_version_that_was_deleted_left_behind_names_its_deletion()
    {
        var (photo, later) = (await Store(), await Store());
        await Tell(photo, Completed(photo, photo, 1), Completed(later, photo, 2));
        await Tell(later, new UploadCommand.Assign(later, new FileId(photo.Value)));
        await Plan(photo, "thumbnail");
        var made = await Put(ObjectKey.Variant(new FileId(photo.Value), 1, "thumbnail"));
        await Write(
            VersionDecider.StreamOf(new FileId(photo.Value), Olga), VersionDecider.Decider,
            new VersionCommand.Remove(
                new FileId(photo.Value), 1, null,
                await Streams.Load(VersionsMade.StreamOf(new FileId(photo.Value), Olga), VersionsMade.Decider, Cancel)));

        var found = await Found();
        Assert.Equal(new[] { ObjectKey.Raw(photo), made }.Order(ByText), found.Select(one => one.Stored.Key).Order(ByText));
        foreach (var one in found)
            await Named<VersionEvent.Deleted>($"version-{photo}", one);
    }

    [Fact]
    public async Task A_variant_that_failed_for_good_goes_unless_a_job_has_made_it_anew()
    {
        var photo = await Store();
        await Tell(photo, Completed(photo, photo, 1));
        var job = await Plan(photo, "thumbnail");
        var made = await Put(ObjectKey.Variant(new FileId(photo.Value), 1, "thumbnail"));
        await Process(photo, new ProcessCommand.FailStep(new FileId(photo.Value), job, "gave-up", "It never ended."));
        var found = Assert.Single(await Found());
        Assert.Equal((StorageFault.LeftOver, made), (found.Fault, found.Stored.Key));
        await Named<ProcessEvent.StepFailed>($"process-{photo}", found);

        await Plan(photo, "thumbnail");
        await Put(made, "made anew"u8.ToArray());
        Assert.False(await Check.Remove(found, Cancel));
        Assert.Contains(made, await Keys());
        Assert.Empty(await Found());
    }

    [Fact]
    public async Task What_was_stored_after_the_time_given_is_not_looked_at()
    {
        var lost = await Store();
        var (key, _, storedAt) = await Objects.List("", Cancel).SingleAsync(Cancel);
        Assert.Equal(ObjectKey.Raw(lost), key);
        Assert.Empty(await Check.Unclaimed(storedAt, Cancel).ToListAsync(Cancel));
        Assert.Single(await Check.Unclaimed(storedAt.AddTicks(1), Cancel).ToListAsync(Cancel));
    }

    // The search saw an orphan, and the commit came before its removal.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_that_became_a_file_after_the_search_stay(bool asLaterVersion)
    {
        var (photo, upload) = (await Store(), await Store());
        await Tell(photo, Completed(photo, photo, 1));
        var found = Assert.Single(await Found());
        Assert.Equal(ObjectKey.Raw(upload), found.Stored.Key);

        if (asLaterVersion)
            await Tell(upload, new UploadCommand.Assign(upload, new FileId(photo.Value)));
        else
            await Tell(upload, Completed(upload, upload, 1));
        Assert.False(await Check.Remove(found, Cancel));
        Assert.Equal(2, (await Keys()).Count);
    }

    [Fact]
    public async Task A_commit_and_a_removal_at_once_never_both_succeed()
    {
        for (var round = 0; round < 64; round++)
        {
            var upload = await Store();
            var found = Assert.Single(await Found());
            var committing = Task.Run(() => Commit(upload), Cancel);
            var removing = Task.Run(() => Check.Remove(found, Cancel), Cancel);
            Assert.NotEqual(await removing, await committing);
            Assert.Equal(await committing, (await Keys()).Contains(ObjectKey.Raw(upload)));
        }

        async Task<bool> Commit(UploadId upload) => (await Streams.Transact<Done>(async transaction =>
        {
            var own = UploadDecider.OwnStreamOf(upload, Olga);
            transaction.ExpectNew(own);
            return await transaction.Decide(own, UploadDecider.Decider, Completed(upload, upload, 1)) is { } no ? no : default(Done);
        }, Cancel)).Refusal is null;
    }

    [Fact]
    public async Task What_is_missing_or_of_another_size_is_found_unless_its_file_is_deleted_for_good()
    {
        var (intact, missing, cut, deleted) = (await Store(), await Store(), await Store(), await Store());
        foreach (var upload in new[] { intact, missing, cut, deleted })
            await Tell(upload, Completed(upload, upload, 1));
        await Objects.Delete(ObjectKey.Raw(missing), Cancel);
        await Objects.Delete(ObjectKey.Raw(deleted), Cancel);
        await Put(ObjectKey.Raw(cut), [1]);
        await DeleteForGood(deleted);

        var found = await Check.Missing(Cancel).ToListAsync(Cancel);
        Assert.Equal(
            [(StorageFault.Dangling, ObjectKey.Raw(missing), 3L), (StorageFault.WrongSize, ObjectKey.Raw(cut), 1L)],
            found.Select(one => (one.Fault, one.Stored.Key, one.Stored.SizeBytes)));
        await Named<UploadEvent.Completed>($"upload-{missing}", found[0]);
        await Named<UploadEvent.Completed>($"upload-{cut}", found[1]);
        Assert.False(await Check.Remove(found[0], Cancel));
    }

    [Fact]
    public async Task What_somebody_else_put_there_is_told_and_left()
    {
        var stranger = await Put(new ObjectKey("raw/readme.txt"));
        var found = Assert.Single(await Found());
        Assert.Equal((StorageFault.Foreign, stranger), (found.Fault, found.Stored.Key));
        Assert.Null(found.Event);
        Assert.False(await Check.Remove(found, Cancel));
        Assert.Equal([stranger], await Keys());
    }

    [Fact]
    public async Task A_thousand_objects_are_gone_through_in_pages()
    {
        var uploads = new List<UploadId>();
        for (var number = 0; number < 600; number++)
            uploads.Add(await Store());
        await Streams.Transact<Done>(async transaction =>
        {
            foreach (var upload in uploads.Where((_, at) => at % 3 > 0))
                await transaction.Decide(UploadDecider.OwnStreamOf(upload, Olga), UploadDecider.Decider, Completed(upload, upload, 1));
            return default(Done);
        }, Cancel);

        Assert.Equal(
            uploads.Where((_, at) => at % 3 == 0).Select(ObjectKey.Raw).Order(ByText),
            (await Found()).Select(one => one.Stored.Key).Order(ByText));
    }

    private static Comparer<ObjectKey> ByText { get; } =
        Comparer<ObjectKey>.Create((one, other) => string.CompareOrdinal(one.Value, other.Value));

    private static UploadCommand.Complete Completed(UploadId upload, UploadId file, int version) => new(
        upload, new FileId(file.Value), FolderId.RootOf(Olga), $"{file} {version}", "image/jpeg", 3, "ab", ObjectKey.Raw(upload));

    private static UploadCommand.Begin Begin(UploadId upload) => new(
        upload, new FileId(upload.Value), FolderId.RootOf(Olga), "a", "image/jpeg", 3, "digest", NameConflict.Rename,
        DateTimeOffset.UnixEpoch);

    /// <summary>The finding names the event of that kind, as it stands in the log.</summary>
    private async Task Named<TEvent>(string stream, StorageFinding found)
    {
        var told = (await Streams.Read(stream, 0, Cancel).ToListAsync(Cancel)).Single(happened => happened.Fact is TEvent);
        Assert.Equal(new NamedEvent(told.Position, told.Id, told.Name, stream), found.Event);
    }

    private Task<List<StorageFinding>> Found() =>
        Check.Unclaimed(DateTimeOffset.MaxValue, Cancel).ToListAsync(Cancel).AsTask();

    private async Task<UploadId> Store()
    {
        var upload = NewId.Of<UploadId>(TimeProvider.System);
        await Put(ObjectKey.Raw(upload));
        return upload;
    }

    private async Task<ObjectKey> Put(ObjectKey key, byte[]? bytes = null)
    {
        await Objects.Put(key, new MemoryStream(bytes ?? [1, 2, 3]), Cancel);
        return key;
    }

    /// <summary>Writes to the stream of the file that bears this upload's id.</summary>
    private async Task Tell(UploadId file, params UploadCommand[] commands)
    {
        foreach (var command in commands)
            await Write(UploadDecider.OwnStreamOf(file, Olga), UploadDecider.Decider, command);
    }

    private async Task<JobId> Plan(UploadId file, string variant)
    {
        var job = NewId.Of<JobId>(TimeProvider.System);
        await Process(file, new ProcessCommand.Plan(
            new FileId(file.Value), 1, ObjectKey.Raw(file), "image/jpeg", [new PlannedStep(job, "thumbnail", variant, 300, 300)]));
        return job;
    }

    private Task Process(UploadId file, ProcessCommand command) =>
        Write(ProcessDecider.StreamOf(Olga, new FileId(file.Value)), ProcessDecider.Decider, command);

    private Task DeleteForGood(UploadId file) => Write(
        DeleteDecider.StreamOf(new FileId(file.Value), Olga), DeleteDecider.Decider,
        new DeleteCommand.Request(new FileId(file.Value), Olga));

    private async Task Write<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, TCommand command)
        where TState : class where TEvent : class =>
        Assert.Null((await Streams.Transact<Done>(
            async transaction => await transaction.Decide(stream, decider, command) is { } no ? no : default(Done), Cancel)).Refusal);

    private async Task<List<ObjectKey>> Keys() => await Objects.List("", Cancel).Select(one => one.Key).ToListAsync(Cancel);

    private async Task<List<object>> History(string stream) =>
        await Streams.Read(stream, 0, Cancel).Select(happened => happened.Fact).ToListAsync(Cancel);
}
