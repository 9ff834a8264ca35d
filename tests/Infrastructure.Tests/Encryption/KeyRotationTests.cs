using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>Eras follow each other, and with the last copy of an era's key goes what old copies of the database hold.</summary>
public sealed class KeyRotationTests(PostgresFixture postgres, S3Fixture s3) : IAsyncLifetime
{
    private static readonly AccountId Olga = NewId.Of<AccountId>(TimeProvider.System);
    private static readonly AccountId Ravi = NewId.Of<AccountId>(TimeProvider.System);

    private readonly string directory = Directory.CreateTempSubdirectory("rotation-").FullName;
    private readonly List<EncryptedNode> nodes = [];
    private readonly ObjectKey hers = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
    private readonly ObjectKey his = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
    private string database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string EraFolder => Path.Combine(directory, "era-keys");

    public async ValueTask InitializeAsync() => database = await s3.RentDatabase(postgres);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        s3.Return(database);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task After_a_rotation_the_living_are_read_and_old_copies_of_the_database_open_nothing()
    {
        var running = Node();
        await Put(running, Olga, hers);
        await Put(running, Ravi, his);
        var old = await running.Sql("select string_agg(id || ' ' || subject || ' ' || era || ' ' || encode(wrapped, 'hex'), ',') from eventfiles.subject_keys");
        var oldFiles = KeyFiles();

        var done = await Rotate();

        Assert.Equal((2L, 4, 1, 0), (done.Wrapped, done.Sampled, done.Destroyed.Count, done.Left.Count));
        Assert.Equal([1], await Read(running, hers));
        Assert.Equal([1], await Read(Node(), his));
        Assert.Equal(2, KeyFiles().Length);
        Assert.Empty(KeyFiles().Intersect(oldFiles, StringComparer.Ordinal));

        // A copy of the table from before, and all keys that there are now.
        await running.Sql("delete from eventfiles.subject_keys");
        foreach (var row in ((string)old!).Split(',').Select(line => line.Split(' ')))
            await running.Sql($"insert into eventfiles.subject_keys (id, subject, era, wrapped) values ('{row[0]}', '{row[1]}', '{row[2]}', decode('{row[3]}', 'hex'))");
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => Node().Objects.Open(hers, Cancel));
    }

    [Fact]
    public async Task Who_is_new_is_wrapped_under_the_new_era_also_by_a_node_that_has_not_heard_of_it()
    {
        var running = Node();
        await Put(running, Olga, hers);
        var done = await Rotate();

        await Put(running, Ravi, his);

        Assert.Equal(1L, await running.Sql("select count(distinct era) from eventfiles.subject_keys"));
        Assert.Equal(done.Era, await running.Sql($"select era from eventfiles.subject_keys where subject = '{Ravi}'"));
    }

    [Fact]
    public async Task What_was_interrupted_goes_on_in_the_same_era()
    {
        var node = Node();
        await Put(node, Olga, hers);
        // As after a kill: a new era has begun, the old one has ended, and nothing was wrapped yet.
        var keys = EraKeys.In(EraFolder, mayMake: true);
        var begun = keys.Renew([keys.Current!.Id])!;
        await node.Sql($"insert into eventfiles.era_keys (id) values ('{begun.Id}')");
        await node.Sql($"update eventfiles.era_keys set ended_at = now() where id <> '{begun.Id}'");

        var done = await Rotate();

        Assert.Equal((begun.Id, 1L, 1), (done.Era, done.Wrapped, done.Destroyed.Count));
        Assert.Equal([1], await Read(Node(), hers));
    }

    [Fact]
    public async Task Where_a_key_is_missing_or_altered_nothing_is_destroyed()
    {
        var node = Node();
        await Put(node, Olga, hers);
        await node.Sql("update eventfiles.subject_keys set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20))");

        await Assert.ThrowsAsync<ObjectKeyLostException>(Rotate);

        Assert.Equal(0L, await node.Sql("select count(*) from eventfiles.era_keys where destroyed_at is not null"));
        Assert.Equal(2 * 2, KeyFiles().Length);
        await node.Sql("update eventfiles.subject_keys set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20))");
        Assert.Single((await Rotate()).Destroyed);
        Assert.Equal([1], await Read(Node(), hers));
    }

    [Fact]
    public async Task A_key_that_was_destroyed_is_not_copied_back_from_a_replica()
    {
        await Put(Node(), Olga, hers);
        var copy = KeyFiles()[0];
        var bytes = await File.ReadAllBytesAsync(copy, Cancel);
        await Rotate();
        await File.WriteAllBytesAsync(copy, bytes, Cancel);

        Assert.Single(EraKeys.In(EraFolder, mayMake: false).EachReplica(new EraKey(Key(bytes)).Id).OfType<EraKey>());
        Assert.Null(EraKeys.In(EraFolder, mayMake: false).Find(new EraKey(Key(bytes)).Id));
    }

    [Fact]
    public async Task Eras_follow_each_other_by_themselves_when_their_time_is_over()
    {
        var node = Node();
        await Put(node, Olga, hers);
        var first = KeyFiles();
        using var turn = new EraTurn(
            node.Get<EventPool>(), EraKeys.In(EraFolder, mayMake: true), new EraOptions(null), TimeProvider.System, NullLogger<EraTurn>.Instance);

        Assert.Null(await turn.Look(TimeSpan.FromDays(1), Cancel));
        Assert.Equal(first, KeyFiles());
        await node.Sql("update eventfiles.era_keys set begun_at = begun_at - interval '25 hours'");
        Assert.Equal(1, (await turn.Look(TimeSpan.FromDays(1), Cancel))!.Wrapped);
        Assert.Empty(KeyFiles().Intersect(first, StringComparer.Ordinal));
        Assert.Null(await turn.Look(TimeSpan.FromDays(1), Cancel));
        Assert.Equal([1], await Read(Node(), hers));

        // One whose beginning was interrupted is not left so for a day.
        await node.Sql("update eventfiles.era_keys set destroyed_at = null where ended_at is not null");
        Assert.NotNull(await turn.Look(TimeSpan.FromDays(1), Cancel));
        Assert.Equal(0L, await node.Sql("select count(*) from eventfiles.era_keys where ended_at is not null and destroyed_at is null"));
    }

    [Fact]
    public async Task With_the_disk_of_a_replica_away_nothing_is_called_destroyed()
    {
        await Put(Node(), Olga, hers);
        var (replica, away) = (Path.Combine(EraFolder, "2"), Path.Combine(EraFolder, "away"));
        Directory.Move(replica, away);
        Directory.CreateDirectory(replica);

        var refused = await Assert.ThrowsAsync<IOException>(Rotate);
        // Nor where keys are older than marks.
        foreach (var mark in Directory.GetFiles(EraFolder, "replica", SearchOption.AllDirectories))
            File.Delete(mark);
        File.Delete(Path.Combine(replica, Path.GetFileName(KeyFiles()[0])));
        await Assert.ThrowsAsync<IOException>(Rotate);

        Assert.Contains(replica, refused.Message, StringComparison.Ordinal);
        Directory.Delete(replica, recursive: true);
        Directory.Move(away, replica);
        // Both have the key again: they are what they were.
        var old = KeyFiles();
        Assert.Single((await Rotate()).Destroyed);
        Assert.Empty(KeyFiles().Intersect(old, StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_secrets_the_operator_is_told_what_to_take_away()
    {
        SharedSecret first = new("the secret that was there at first, long enough"), second = new("the secret that is to follow it, long enough");
        await Put(Node(EraKeys.Of([first])), Olga, hers);
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => Rotate(EraKeys.Of([first])));

        var both = await Rotate(EraKeys.Of([second, first]));
        Assert.Equal((1L, 0, 1), (both.Wrapped, both.Destroyed.Count, both.Left.Count));
        await Node(EraKeys.Of([second])).Keys.Ask(Cancel);
        var after = await Rotate(EraKeys.Of([second]));
        Assert.Equal((both.Era, 0L, 1, 0), (after.Era, after.Wrapped, after.Destroyed.Count, after.Left.Count));
        Assert.Equal([1], await Read(Node(EraKeys.Of([second])), hers));
    }

    private static byte[] Key(byte[] file) =>
        Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(file).Trim().Split(' ')[1])[..EraKey.Bytes];

    private static Task<SealedObject> Put(EncryptedNode node, AccountId owner, ObjectKey key) =>
        node.Objects.OwnedBy(owner).Put(key, new MemoryStream([1]), Cancel);

    private static async Task<byte[]> Read(EncryptedNode node, ObjectKey key)
    {
        await using var content = (await node.Objects.Open(key, Cancel))!;
        var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    private string[] KeyFiles() => [.. Directory.GetFiles(EraFolder, "*.key", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private Task<RotatedKeys> Rotate() => Rotate(EraKeys.In(EraFolder, mayMake: true));

    private async Task<RotatedKeys> Rotate(EraKeys keys)
    {
        await using var rotation = new KeyRotation(database, keys);
        return await rotation.Run(null, Cancel);
    }

    private EncryptedNode Node(EraKeys? keys = null)
    {
        nodes.Add(new EncryptedNode(database, Path.Combine(directory, "objects"), keys: keys ?? EraKeys.In(EraFolder, mayMake: true)));
        return nodes[^1];
    }
}
