using EventFiles.Features.Files;
using EventFiles.Features.Hold;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Tests.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>What is kept of a person beside the log is found, removed, and stays away.</summary>
public sealed class PersonalTracesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly AccountId Olga = NewId.Of<AccountId>(TimeProvider.System);
    private static readonly AccountId Ravi = NewId.Of<AccountId>(TimeProvider.System);
    private static readonly UploadId Upload = NewId.Of<UploadId>(TimeProvider.System);
    private static readonly Decider<UploadEvent, object, UploadEvent> Uploads = new(new object(), (state, _) => state, (_, happened, _) => happened);
    private static readonly Decider<FilesEvent, object, FilesEvent> FilesOf = new(new object(), (state, _) => state, (_, happened, _) => happened);

    private static readonly Decider<UploadEvent, Named, UploadEvent> Names = new(
        new Named(""), (_, happened) => new Named(((UploadEvent.Completed)happened).Name), (_, happened, _) => happened);

    private static readonly Decider<HoldEvent, object, HoldEvent> Holds = new(new object(), (state, _) => state, (_, happened, _) => happened);

    // Tables with a column that says whose a row is, and why erasure does not look there.
    private static readonly Dictionary<string, string> LeftAlone = new(StringComparer.Ordinal)
    {
        ["eventfiles.destroyed_keys"] = "the journal itself: ids, so that it stays destroyed",
    };

    // Every table but those in which something of a file is looked for, and why nothing of it need be looked for there. What is
    // new comes into one of the two, by somebody's decision.
    private static readonly Dictionary<string, string> WithoutFiles = new(StringComparer.Ordinal)
    {
        ["destroyed_keys"] = "the journal itself: ids, so that it stays destroyed",
        ["encrypted_growths"] = "of a transfer that grows, sealed under its own key, and gone with it; transfers end first",
        ["endings"] = "names of streams",
        ["era_keys"] = "ids and times",
        ["subject_keys"] = "the owner's, which lives",
        ["idempotency_keys"] = "sealed answers that cannot be told apart by file, for a day; the receipt names them",
        ["log_checkpoints"] = "the tree: hashes of public leaves",
        ["log_leaves"] = "the same",
        ["log_tiles"] = "the same",
        ["log_tree"] = "the same",
        ["object_growth"] = "how far bytes have come: sizes and digests of what is encrypted, by upload",
        ["object_parts"] = "the same",
        ["object_store"] = "the store's id",
        ["object_writes"] = "names of objects: ids; sizes and digests of what is encrypted",
        ["projection_differences"] = "values of views while an operator looks at them, gone as soon as the projection is made anew, as all are",
        ["projection_shards"] = "how projections stand",
        ["view_generations"] = "the same",
        ["view_stores"] = "the same",
        ["schema_version"] = "the schema's",
        ["search_folders"] = "ids of folders and of who may read in them",
        ["work_queues"] = "how many pieces of work there are",
    };

    private readonly string directory = Directory.CreateTempSubdirectory("traces-").FullName;
    private readonly List<ServiceProvider> nodes = [];
    private string database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => database = await postgres.CreateDatabase();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Every_table_that_knows_whose_a_row_is_is_looked_at()
    {
        var known = await Sql<string>(
            """
            select string_agg(distinct table_schema || '.' || table_name, ' ') from information_schema.columns
            where table_schema = 'eventfiles' and column_name in ('tenant_id', 'owner', 'owner_id', 'subject', 'holder')
            """);
        Assert.Empty(known.Split(' ').Except(PersonalTraces.Tables, StringComparer.Ordinal).Except(LeftAlone.Keys, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_every_table_it_is_said_whether_something_of_a_file_lies_in_it()
    {
        var all = (await Sql<string>("select string_agg(tablename, ' ') from pg_tables where schemaname = 'eventfiles'")).Split(' ');
        var looked = TracePlaces.OfFile.Select(place => place.Table["eventfiles.".Length..]).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(all.Except(looked, StringComparer.Ordinal).Except(WithoutFiles.Keys, StringComparer.Ordinal));
        // What is said of a table that is not there, or is looked at after all, is said no more.
        Assert.Empty(looked.Concat(WithoutFiles.Keys).Except(all, StringComparer.Ordinal));
        Assert.Empty(looked.Intersect(WithoutFiles.Keys, StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_left_anywhere_is_found_and_nobody_elses_is_touched()
    {
        var node = Node();
        await Append(node, Olga);
        await Append(node, Ravi);
        await node.GetRequiredService<IObjects>().OwnedBy(Olga).Put(ObjectKey.Raw(Upload), new MemoryStream([1, 2, 3]), Cancel);
        await Sql<object?>($"insert into eventfiles.claims (holder, scope, key, tenant_id) values ('account-{Olga}', 'email', 'olga@example.org', '{Olga}'), ('administrator-{Olga}', 'administrator', 'first', '{Olga}') returning null");
        await Sql<object?>($"insert into eventfiles.passwords (holder, hash) values ('account-{Olga}', 'a hash'), ('account-{Ravi}', 'another') returning null");
        await Sql<object?>($"insert into eventfiles.search_texts (file_id, owner_id, version, body, folded) values ('{Guid.NewGuid()}', '{Olga}', 1, 'Her CV', 'her cv'), ('{Guid.NewGuid()}', '{Ravi}', 1, 'His CV', 'his cv') returning null");
        var traces = node.GetRequiredService<IPersonalTraces>();
        var before = (await traces.Look(new(Olga), [], Cancel)).ToDictionary(one => one.Place, one => one.Count);
        Assert.Equal((1, 1, 1, 1, 1), (before["private-rows"], before["claims"], before["passwords"], before["subject-keys"], before["objects"]));

        var removed = (await traces.Remove(new(Olga), Cancel)).ToDictionary(one => one.Place, one => one.Count);
        Assert.Equal((1, 1, 1), (removed["private-rows"], removed["claims"], removed["passwords"]));
        Assert.Null(await traces.KeyDestroyedAt(new(Olga), Cancel));
        var key = await traces.DestroyKey(new(Olga), Cancel);
        Assert.NotNull(key.Key);
        // What was made anew since then stays so, however often it is asked for.
        var at = Assert.NotNull(await traces.KeyDestroyedAt(new(Olga), Cancel));
        Assert.Equal(key, await traces.DestroyKey(new(Olga), Cancel));
        Assert.Equal(at, await traces.KeyDestroyedAt(new(Olga), Cancel));

        // The bytes do not open any more, and are there all the same.
        Assert.Equal([("objects", 1L)], (await traces.Look(new(Olga), [], Cancel)).Where(one => one.Count > 0).Select(one => (one.Place, one.Count)));
        await node.GetRequiredService<IObjects>().Delete(ObjectKey.Raw(Upload), Cancel);
        Assert.All(await traces.Look(new(Olga), [], Cancel), one => Assert.Equal(0, one.Count));
        Assert.Equal("His CV", await Sql<string>("select string_agg(body, ' ') from eventfiles.search_texts"));
        Assert.Equal("first", await Sql<string>("select key from eventfiles.claims"));
        Assert.Equal(1L, await Sql<long>($"select count(*) from eventfiles.event_private where tenant_id = '{Ravi}'"));
        Assert.Equal(1L, await Sql<long>("select count(*) from eventfiles.passwords"));
    }

    [Fact]
    public async Task What_another_node_erased_is_soon_in_no_nodes_memory()
    {
        var (here, there) = (Node(), Node());
        await Append(here, Olga);
        var stream = $"upload-{Olga}";
        var watch = there.GetServices<IHostedService>().OfType<ErasureWatch>().Single();
        await watch.Look(Cancel);
        async Task<string> Name() => (await there.GetRequiredService<IStreams>().Load(new StreamId(stream, Olga), Names, Cancel)).Name;
        Assert.Equal("CV.pdf", await Name());

        var traces = here.GetRequiredService<IPersonalTraces>();
        await traces.Remove(new(Olga), Cancel);
        await traces.DestroyKey(new(Olga), Cancel);
        // So long as it has not looked, it tells what it knows.
        Assert.Equal("CV.pdf", await Name());
        await watch.Look(Cancel);
        Assert.Equal(PersonalAttribute.Erased, await Name());
        Assert.Null(await there.GetRequiredService<SubjectKeys>().UnlessErased(Olga, Cancel));
    }

    [Fact]
    public async Task What_somebody_wrote_as_a_reason_elsewhere_goes_with_them()
    {
        var node = Node();
        async Task Hold(AccountId by, string reason) => Assert.Null((await node.GetRequiredService<IStreams>().Transact<Done>(
            async transaction =>
            {
                await transaction.Decide(new StreamId($"hold-{Ravi}", Ravi), Holds, new HoldEvent.Placed(
                    new(Guid.CreateVersion7()), HoldKind.Account, Ravi.Value, by, reason));
                return default(Done);
            },
            Cancel)).Refusal);
        await Hold(Olga, "Olga Ohm says so");
        await Hold(Ravi, "his own");
        var traces = node.GetRequiredService<IPersonalTraces>();
        Assert.Equal(1, (await traces.Look(new(Olga), [], Cancel)).Single(one => one.Place == "reasons").Count);

        await traces.Remove(new(Olga), Cancel);

        Assert.Equal(0, (await traces.Look(new(Olga), [], Cancel)).Single(one => one.Place == "reasons").Count);
        var told = await node.GetRequiredService<IStreams>().Read($"hold-{Ravi}", 0, Cancel).Select(one => ((HoldEvent.Placed)one.Fact).Reason).ToListAsync(Cancel);
        Assert.Equal([PersonalAttribute.Erased, "his own"], told);
    }

    [Fact]
    public async Task A_database_from_before_is_told_at_the_start_what_was_destroyed()
    {
        var node = Node();
        await Append(node, Olga);
        await Append(node, Ravi);
        var traces = node.GetRequiredService<IPersonalTraces>();
        await Keep("event_private");
        await Keep("subject_keys");
        await traces.Remove(new(Olga), Cancel);
        var key = await traces.DestroyKey(new(Olga), Cancel);
        await Sql<object?>("delete from eventfiles.destroyed_keys returning null");
        await PutBack("event_private");
        await PutBack("subject_keys");
        // One of the two copies of the journal is enough.
        File.Delete(Path.Combine(directory, "era-keys", "1", "destroyed"));

        var next = Node();
        foreach (var part in next.GetServices<IHostedService>().OfType<KeyWatch>())
            await part.StartAsync(Cancel);

        Assert.Equal($"{Olga} {key.Key}", await Sql<string>("select subject || ' ' || id from eventfiles.destroyed_keys"));
        Assert.Equal(Ravi.ToString(), await Sql<string>("select string_agg(tenant_id, ' ') from eventfiles.event_private"));
        Assert.Equal(Ravi.Value, await Sql<Guid>("select subject from eventfiles.subject_keys"));
    }

    [Fact]
    public async Task What_is_left_of_a_file_is_found_and_its_siblings_are_not_touched()
    {
        var node = Node();
        FileId file = new(Guid.CreateVersion7()), sibling = new(Guid.CreateVersion7());
        UploadId later = new(Guid.CreateVersion7()), same = new(Guid.CreateVersion7());
        await Complete(node, file, new(file.Value), 1, null);
        await Complete(node, file, later, 2, null);
        // Its third version has the sibling's bytes.
        await Complete(node, sibling, new(sibling.Value), 1, null);
        await Complete(node, file, same, 3, ObjectKey.Raw(new(sibling.Value)));
        var objects = node.GetRequiredService<IObjects>().OwnedBy(Olga);
        foreach (var upload in new[] { file.Value, later.Value, sibling.Value })
            await objects.Put(ObjectKey.Raw(new(upload)), new MemoryStream([1, 2, 3]), Cancel);
        await Sql<object?>($"insert into eventfiles.claims (holder, scope, key, tenant_id) values ('file-{file}', 'a folder', 'cv.pdf', '{Olga}'), ('file-{sibling}', 'a folder', 'other.pdf', '{Olga}') returning null");
        await Sql<object?>($"insert into eventfiles.search_texts (file_id, owner_id, version, body, folded) values ('{file}', '{Olga}', 1, 'The CV', 'the cv'), ('{sibling}', '{Olga}', 1, 'The other', 'the other') returning null");
        await Sql<object?>($"insert into eventfiles.past_snapshots (projection, version, group_id, position, stream_versions, views, tenant_id) values ('files', 1, '{file}', 1, '{{1}}', '{{}}', '{Olga}'), ('files', 1, '{sibling}', 1, '{{1}}', '{{}}', '{Olga}'), ('folders', 1, 'a folder', 1, '{{1}}', '{{\"{file}\": 1}}', '{Olga}') returning null");
        var traces = node.GetRequiredService<IPersonalTraces>();
        var subject = new ErasureSubject(Olga, file);
        ObjectKey[] shared = [ObjectKey.Raw(new(sibling.Value))];

        var before = (await traces.Look(subject, shared, Cancel)).ToDictionary(one => one.Place, one => one.Count);
        Assert.Equal((3, 1, 1, 2, 2), (before["private-rows"], before["claims"], before["search-texts"], before["past-snapshots"], before["objects"]));
        // Were the sibling's bytes not named as shared, they would be a hit.
        Assert.Equal(3, (await traces.Look(subject, [], Cancel)).Single(one => one.Place == "objects").Count);

        await traces.Remove(subject, Cancel);
        Assert.Null(await traces.KeyDestroyedAt(subject, Cancel));
        var noted = await traces.DestroyKey(subject, Cancel);
        Assert.Null(noted.Key);
        Assert.NotNull(noted.Era);
        Assert.Equal(noted, await traces.DestroyKey(subject, Cancel));
        Assert.NotNull(await traces.KeyDestroyedAt(subject, Cancel));
        Assert.Equal([subject], await traces.Destroyed(Cancel));
        await objects.Delete(ObjectKey.Raw(new(file.Value)), Cancel);
        await objects.Delete(ObjectKey.Raw(later), Cancel);
        Assert.All(await traces.Look(subject, shared, Cancel), one => Assert.Equal(0, one.Count));

        Assert.Equal("upload-" + sibling, await Sql<string>("select string_agg(stream_id, ' ') from eventfiles.event_private join mt_events using (seq_id)"));
        Assert.Equal("other.pdf", await Sql<string>("select string_agg(key, ' ') from eventfiles.claims"));
        Assert.Equal("The other", await Sql<string>("select string_agg(body, ' ') from eventfiles.search_texts"));
        Assert.Equal($"{sibling}", await Sql<string>("select string_agg(group_id, ' ') from eventfiles.past_snapshots"));
        Assert.Equal(Olga.Value, await Sql<Guid>("select subject from eventfiles.subject_keys"));
    }

    [Fact]
    public async Task Of_what_went_over_the_former_owner_takes_their_own_and_the_new_one_all()
    {
        var node = Node();
        FileId given = new(Guid.CreateVersion7()), kept = new(Guid.CreateVersion7());
        UploadId anew = new(Guid.CreateVersion7());
        await Complete(node, given, new(given.Value), 1, null);
        await Complete(node, kept, new(kept.Value), 1, null);
        await HandOver(node, given, anew);
        await Sql<object?>($"insert into eventfiles.past_places (index_name, sort, key, from_position, group_id, tenant_id) values ('children', '', '{given}', 1, 'Olga''s', '{Olga}'), ('children', '', '{kept}', 1, 'Olga''s', '{Olga}') returning null");
        await Sql<object?>($"insert into eventfiles.view_places (projection, generation, index_name, sort, key) select 'search', 1, 'words', '', id from (values ('{given}'), ('{kept}')) named(id) returning null");
        await node.GetRequiredService<IObjects>().OwnedBy(Ravi).Put(ObjectKey.Raw(anew), new MemoryStream([1, 2, 3]), Cancel);
        await node.GetRequiredService<IObjects>().OwnedBy(Ravi).Put(ObjectKey.Variant(given, 1, "thumbnail"), new MemoryStream([1]), Cancel);
        var traces = node.GetRequiredService<IPersonalTraces>();

        // Hers: what she told of both files. The new owner's rows, objects and search rows are not looked for.
        Assert.Equal((2, 2, 1, 0), await Seen(traces, new(Olga)));
        // His: what is told of his file, and what was while it was hers.
        Assert.Equal((3, 1, 1, 2), await Seen(traces, new(Ravi)));
        // The file's: the same.
        Assert.Equal((3, 1, 1, 2), await Seen(traces, new(Ravi, given)));

        await traces.Remove(new(Olga), Cancel);
        Assert.Equal(
            ["file-" + given, "upload-" + given],
            (await Sql<string>("select string_agg(stream_id, ' ' order by stream_id) from eventfiles.event_private join mt_events using (seq_id)")).Split(' '));
        Assert.Equal($"{given}", await Sql<string>("select string_agg(key, ' ') from eventfiles.view_places"));
        await traces.Remove(new(Ravi), Cancel);
        Assert.Equal(0L, await Sql<long>("select count(*) from eventfiles.event_private"));
        Assert.Equal(0L, await Sql<long>("select count(*) from eventfiles.view_places"));
    }

    private static async Task<(long Rows, long Past, long Places, long Objects)> Seen(IPersonalTraces traces, ErasureSubject subject)
    {
        var seen = (await traces.Look(subject, [], Cancel)).ToDictionary(one => one.Place, one => one.Count);
        return (seen["private-rows"], seen["past-places"], seen["search-places"], seen["objects"]);
    }

    private static async Task HandOver(ServiceProvider node, FileId file, UploadId anew) =>
        Assert.Null((await node.GetRequiredService<IStreams>().Transact<Done>(
            async transaction =>
            {
                await transaction.Decide(new StreamId($"upload-{file}", Ravi), Uploads, new UploadEvent.HandedOver(
                    file, Olga, Ravi, [new HandedVersion(1, anew, "application/pdf", 3, new string('a', 64), ObjectKey.Raw(anew), "")]));
                // It is the former owner's when it is looked at first.
                await transaction.Load(new StreamId($"file-{file}", Olga), FilesOf);
                await transaction.Decide(new StreamId($"file-{file}", Ravi), FilesOf, new FilesEvent.HandedOver(
                    file, new(Ravi.Value), "CV.pdf", Olga, Ravi));
                return default(Done);
            },
            Cancel)).Refusal);

    [Fact]
    public async Task A_database_from_before_is_told_at_the_start_which_files_were_erased()
    {
        var node = Node();
        FileId file = new(Guid.CreateVersion7()), sibling = new(Guid.CreateVersion7());
        await Complete(node, file, new(file.Value), 1, null);
        await Complete(node, sibling, new(sibling.Value), 1, null);
        var (traces, subject) = (node.GetRequiredService<IPersonalTraces>(), new ErasureSubject(Olga, file));
        await Keep("event_private");
        await traces.Remove(subject, Cancel);
        await traces.DestroyKey(subject, Cancel);
        await Sql<object?>("delete from eventfiles.destroyed_keys returning null");
        await PutBack("event_private");
        // One of the two copies of the journal is enough.
        File.Delete(Path.Combine(directory, "era-keys", "2", "destroyed"));

        var next = Node();
        foreach (var part in next.GetServices<IHostedService>().OfType<KeyWatch>())
            await part.StartAsync(Cancel);

        Assert.Equal($"{file} {Olga}", await Sql<string>("select subject || ' ' || owner from eventfiles.destroyed_keys"));
        Assert.Equal("upload-" + sibling, await Sql<string>("select string_agg(stream_id, ' ') from eventfiles.event_private join mt_events using (seq_id)"));
        Assert.Equal([subject], await next.GetRequiredService<IPersonalTraces>().Destroyed(Cancel));
    }

    private static async Task Complete(ServiceProvider node, FileId file, UploadId upload, int version, ObjectKey? storedAs) =>
        Assert.Null((await node.GetRequiredService<IStreams>().Transact<Done>(
            async transaction =>
            {
                await transaction.Decide(new StreamId($"upload-{file}", Olga), Uploads, new UploadEvent.Completed(
                    upload, file, version, new(Guid.CreateVersion7()), "CV.pdf", "application/pdf", 3, new string('a', 64), storedAs ?? ObjectKey.Raw(upload)));
                return default(Done);
            },
            Cancel)).Refusal);

    private static Slice HandedSlice() => new Slice("handed")
        .Stores<UploadEvent.HandedOver>("upload.handed-over.v1").Stores<FilesEvent.HandedOver>("files.handed-over.v1");

    private Task<object?> Keep(string table) => Sql<object?>($"create table public.kept_{table} as select * from eventfiles.{table}");

    private Task<object?> PutBack(string table) => Sql<object?>(
        $"with none as (delete from eventfiles.{table} returning 1) select count(*) from none; insert into eventfiles.{table} select * from public.kept_{table}");

    private static async Task Append(ServiceProvider node, AccountId owner) => Assert.Null((await node.GetRequiredService<IStreams>().Transact<Done>(
        async transaction =>
        {
            await transaction.Decide(new StreamId($"upload-{owner}", owner), Uploads, new UploadEvent.Completed(
                Upload, new(Upload.Value), 1, new(Guid.CreateVersion7()), "CV.pdf", "application/pdf", 12, new string('a', 64), ObjectKey.Raw(Upload)));
            return default(Done);
        },
        Cancel)).Refusal);

    private sealed record Named(string Name);

    private async Task<T> Sql<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresFixture.AsOwner(database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel) is var value && value is DBNull or null ? default! : (T)value;
    }

    private ServiceProvider Node()
    {
        nodes.Add(new ServiceCollection().AddLogging()
            .AddSingleton(new Slices([Store.UploadsSlice(), HandedSlice(), new Slice("hold").Stores<HoldEvent.Placed>("hold.placed.v1")])).AddEventStore(database)
            .AddDirectoryObjects(Path.Combine(directory, "objects"))
            .AddEncryption(EraKeys.In(Path.Combine(directory, "era-keys"), mayMake: true), isOn: true).BuildServiceProvider());
        return nodes[^1];
    }
}
