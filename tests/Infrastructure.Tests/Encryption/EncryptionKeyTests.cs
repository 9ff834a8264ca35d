using System.Security.Cryptography;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>Who has which key, and what happens without it.</summary>
public sealed class EncryptionKeyTests(PostgresFixture postgres, S3Fixture s3) : IAsyncLifetime
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly AccountId Olga = NewId.Of<AccountId>(TimeProvider.System);
    private static readonly AccountId Ravi = NewId.Of<AccountId>(TimeProvider.System);

    private readonly string directory = Directory.CreateTempSubdirectory("keys-").FullName;
    private readonly List<EncryptedNode> nodes = [];
    private readonly ObjectKey key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
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
    public async Task Nodes_with_one_secret_read_what_the_others_wrote_and_nothing_plain_is_stored()
    {
        var text = "Only Olga may know this."u8.ToArray();
        await Node().Objects.OwnedBy(Olga).Put(key, new MemoryStream(text), Cancel);

        Assert.Equal(text, await Read(Node(), key));
        foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
            Assert.Equal(-1, (await File.ReadAllBytesAsync(file, Cancel)).AsSpan().IndexOf("Olga"u8));
    }

    [Fact]
    public async Task Every_person_has_one_key_whichever_nodes_ask_for_it_at_once()
    {
        EncryptedNode[] all = [Node(), Node(), Node()];
        await Task.WhenAll(Enumerable.Range(0, 30).Select(n => Task.Run(() => all[n % 3].Objects.OwnedBy(n % 2 == 0 ? Olga : Ravi)
            .Put(ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System)), new MemoryStream([1]), Cancel), Cancel)));

        Assert.Equal(2L, await all[0].Sql("select count(*) from eventfiles.subject_keys"));
        Assert.Equal(1L, await all[0].Sql("select count(*) from eventfiles.era_keys"));
        Assert.Equal(1L, await all[0].Sql($"select count(*) from eventfiles.subject_keys where subject = '{Olga}'"));
    }

    [Fact]
    public async Task With_another_secret_nothing_is_read_nothing_is_written_and_the_operator_is_told()
    {
        var node = Node();
        await node.Objects.OwnedBy(Olga).Put(key, new MemoryStream([1, 2, 3]), Cancel);
        await node.Keys.Ask(Cancel);
        var other = Node(EraKeys.Of([new SharedSecret("another secret of at least 32 letters")]));

        var refused = await Assert.ThrowsAsync<ObjectKeyLostException>(() => other.Objects.Open(key, Cancel));
        Assert.Contains("era key", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => other.Objects.OwnedBy(Ravi).Put(ObjectKey.Raw(default), new MemoryStream([1]), Cancel));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => other.Objects.OwnedBy(Ravi).Append(ObjectKey.Raw(default), 0, new MemoryStream([1]), Cancel));
        Assert.Contains("Bring back", (await Assert.ThrowsAsync<ObjectKeyLostException>(() => other.Keys.Ask(Cancel))).Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], await Read(node, key));
    }

    [Fact]
    public async Task A_second_era_key_wraps_what_is_new_and_the_first_still_opens_what_is_old()
    {
        var second = new SharedSecret("the key that is to be used from now on");
        await Node().Objects.OwnedBy(Olga).Put(key, new MemoryStream([1]), Cancel);
        var later = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
        var both = Node(EraKeys.Of([second, EncryptedNode.Secret]));
        await both.Objects.OwnedBy(Ravi).Put(later, new MemoryStream([2]), Cancel);

        Assert.Equal([1], await Read(both, key));
        Assert.Equal([2], await Read(both, later));
        Assert.Equal(2L, await both.Sql("select count(distinct era) from eventfiles.subject_keys"));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => Node(EraKeys.Of([second])).Objects.Open(key, Cancel));
    }

    [Fact]
    public async Task Without_its_row_a_persons_objects_are_closed_and_all_others_open()
    {
        var node = Node();
        var other = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
        await node.Objects.OwnedBy(Olga).Put(key, new MemoryStream([1]), Cancel);
        await node.Objects.OwnedBy(Ravi).Put(other, new MemoryStream([2]), Cancel);
        await node.Sql($"delete from eventfiles.subject_keys where subject = '{Olga}'");

        var next = Node();
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => next.Objects.Open(key, Cancel));
        Assert.Equal([2], await Read(next, other));
        await next.Objects.Delete(key, Cancel);
        Assert.Null(await next.Objects.Open(key, Cancel));
    }

    [Fact]
    public async Task A_row_that_was_exchanged_opens_nothing()
    {
        await Node().Objects.OwnedBy(Olga).Put(key, new MemoryStream([1]), Cancel);
        await Node().Objects.OwnedBy(Ravi).Put(ObjectKey.Raw(default), new MemoryStream([1]), Cancel);
        await nodes[0].Sql("update eventfiles.subject_keys a set wrapped = b.wrapped from eventfiles.subject_keys b where a.id <> b.id");

        await Assert.ThrowsAsync<ObjectKeyLostException>(() => Node().Objects.Open(key, Cancel));
    }

    [Fact]
    public async Task The_first_start_makes_a_key_twice_for_its_owners_eyes_and_one_copy_is_enough()
    {
        await Node(EraKeys.In(EraFolder, mayMake: true)).Objects.OwnedBy(Olga).Put(key, new MemoryStream([1]), Cancel);
        var copies = Directory.GetFiles(EraFolder, "*.key", SearchOption.AllDirectories);
        Assert.Equal(2, copies.Length);
        Assert.All(copies, file => Assert.Equal(OwnersFile, File.GetUnixFileMode(file)));

        File.Delete(copies[0]);
        Assert.Equal([1], await Read(Node(EraKeys.In(EraFolder, mayMake: true)), key));
        Assert.Equal(2, Directory.GetFiles(EraFolder, "*.key", SearchOption.AllDirectories).Length);
        await File.WriteAllTextAsync(copies[1], "eventfiles-era-key-1 spoilt", Cancel);
        Assert.Equal([1], await Read(Node(EraKeys.In(EraFolder, mayMake: true)), key));
        Assert.Equal(await File.ReadAllTextAsync(copies[0], Cancel), await File.ReadAllTextAsync(copies[1], Cancel));
    }

    [Fact]
    public async Task Whoever_lost_all_keys_gets_no_new_one_in_silence_and_reads_again_when_they_are_back()
    {
        await Node(EraKeys.In(EraFolder, mayMake: true)).Objects.OwnedBy(Olga).Put(key, new MemoryStream([1]), Cancel);
        Directory.Move(EraFolder, EraFolder + ".away");

        var lost = Node(EraKeys.In(EraFolder, mayMake: true));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => lost.Objects.Open(key, Cancel));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => lost.Objects.OwnedBy(Ravi).Put(ObjectKey.Raw(default), new MemoryStream([1]), Cancel));
        Assert.False(Directory.Exists(EraFolder));

        Directory.Move(EraFolder + ".away", EraFolder);
        Assert.Equal([1], await Read(Node(EraKeys.In(EraFolder, mayMake: true)), key));
    }

    [Fact]
    public async Task What_was_stored_in_plain_is_read_and_goes_on_growing_in_plain()
    {
        var plain = new EncryptedNode(database, Path.Combine(directory, "objects"), isOn: false);
        nodes.Add(plain);
        var (growing, variant) = (ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System)), ObjectKey.Variant(new FileId(Olga.Value), 1, "thumbnail"));
        await plain.Objects.Put(key, new MemoryStream([1, 2]), Cancel);
        await plain.Objects.Put(variant, new MemoryStream([3]), Cancel);
        await plain.Objects.Append(growing, 0, new MemoryStream([4]), Cancel);

        var node = Node();
        Assert.Equal([1, 2], await Read(node, key));
        Assert.Equal(2, await node.Objects.Append(growing, 1, new MemoryStream([5]), Cancel));
        Assert.Equal(2, (await node.Objects.Seal(growing, Cancel)).SizeBytes);
        await node.Objects.Put(variant, new MemoryStream([6, 6]), Cancel);
        Assert.Equal([6, 6], await Read(node, variant));
        Assert.Equal([4, 5], await Read(plain, growing));
        Assert.Equal([6, 6], await Read(plain, variant));
        var list = await node.Objects.List("", Cancel).ToDictionaryAsync(one => one.Key, one => one.SizeBytes, cancellationToken: Cancel);
        Assert.Equal(new Dictionary<ObjectKey, long> { [key] = 2, [growing] = 2, [variant] = 2 }, list);
        foreach (var one in new[] { key, growing, variant })
            await node.Objects.Delete(one, Cancel);
        Assert.Empty(await node.Stored.List("", Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_in_the_file_is_damage_and_never_content()
    {
        var node = Node();
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        await node.Objects.OwnedBy(Olga).Put(key, new MemoryStream(bytes), Cancel);
        var file = node.FileOf(key);
        var stored = await File.ReadAllBytesAsync(file, Cancel);
        for (var place = 0; place < stored.Length; place += place < 200 ? 1 : 997)
        {
            byte[] altered = [.. stored];
            altered[place] ^= 1;
            await File.WriteAllBytesAsync(file, altered, Cancel);
            var reading = await ObjectReading.Of(node.Objects, key, bytes.Length, null, null, Cancel);
            Assert.Equal((ObjectDamage.Unreadable, true), (reading.Damage, reading.ReadBytes < bytes.Length));
        }

        await File.WriteAllBytesAsync(file, stored, Cancel);
        Assert.Null((await ObjectReading.Of(node.Objects, key, bytes.Length, null, null, Cancel)).Damage);
    }

    [Fact]
    public async Task Nobody_is_sent_to_a_store_whose_bytes_are_encrypted()
    {
        var place = (await s3.Place()) with { PresignedReads = true };
        nodes.AddRange([new EncryptedNode(database, null, place), new EncryptedNode(database, null, place, isOn: false)]);
        await nodes[0].Objects.Put(key, new MemoryStream([1]), Cancel);

        Assert.Null(nodes[0].Presigned);
        Assert.Null(await nodes[1].Presigned!.Address(key, TimeSpan.FromMinutes(1), "text/plain", "inline", Cancel));
    }

    private EncryptedNode Node(EraKeys? keys = null)
    {
        nodes.Add(new EncryptedNode(database, Path.Combine(directory, "objects"), keys: keys));
        return nodes[^1];
    }

    private static async Task<byte[]> Read(EncryptedNode node, ObjectKey one)
    {
        await using var content = (await node.Objects.Open(one, Cancel))!;
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}
