using System.Security.Cryptography;
using static EventFiles.Features.Vocabulary.DirectJoin;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>A store to which clients bring parts, as one node sees it.</summary>
internal sealed record DirectStore(IDirectWrites Direct, IObjects Objects);

/// <summary>What every store must do to which clients bring parts of objects. Each adapter runs all of it.</summary>
internal sealed class DirectWritesContract(Func<DirectStore> another, Func<DirectStore, Uri, byte[], Task<bool>> put)
{
    private const int PartBytes = 5 << 20;

    private readonly DirectStore store = another();
    private readonly ObjectKey key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
    private readonly AccountId owner = new(Guid.NewGuid());
    private readonly byte[] bytes = RandomNumberGenerator.GetBytes((2 * PartBytes) + 7);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static IReadOnlyList<DirectPart> Parts => [new(1, PartBytes), new(2, PartBytes), new(3, 7)];

    public async Task Parts_in_any_order_and_again_become_one_object()
    {
        await store.Direct.Begin(key, Cancel);
        await store.Direct.Begin(key, Cancel);
        Assert.Empty(await store.Direct.Stored(key, Cancel));

        // What is sent again takes the place of the former, by an address of another node, too.
        Assert.True(await Put(1, RandomNumberGenerator.GetBytes(PartBytes)));
        Assert.True(await Put(3));
        Assert.Equal([Parts[0], Parts[2]], await store.Direct.Stored(key, Cancel));
        var other = another();
        await Task.WhenAll(Put(2), Put(1, null, other));
        Assert.Equal(Parts, await other.Direct.Stored(key, Cancel));

        Assert.Equal(Joined, await other.Direct.Join(key, owner, Parts, Cancel));
        Assert.Equal(Joined, await store.Direct.Join(key, owner, Parts, Cancel));
        await IsWhole();
        Assert.Equal(Joined, await store.Direct.Join(key, owner, Parts, Cancel));
        await store.Direct.Discard(key, Cancel);
        Assert.Empty(await store.Direct.Stored(key, Cancel));
        await IsWhole();
    }

    public async Task An_address_is_for_its_part_its_length_and_its_time()
    {
        await store.Direct.Begin(key, Cancel);
        var address = await Address(3);

        Assert.False(await put(store, address, new byte[8]));
        Assert.False(await put(store, address, new byte[6]));
        // Each letter of what is signed counts.
        var text = address.OriginalString;
        for (var at = text.Length - 1; at > text.Length - 60; at -= 7)
        {
            var changed = string.Concat(text.AsSpan(0, at), text[at] is 'a' ? "b" : "a", text.AsSpan(at + 1));
            Assert.False(await put(store, new Uri(changed, UriKind.RelativeOrAbsolute), new byte[7]), changed);
        }

        Assert.False(await put(store, await Address(3, TimeSpan.FromSeconds(-1)), new byte[7]));
        Assert.Empty(await store.Direct.Stored(key, Cancel));
        Assert.True(await put(store, address, new byte[7]));
        Assert.Equal([Parts[2]], await store.Direct.Stored(key, Cancel));
    }

    public async Task Nothing_is_made_of_parts_that_are_not_those_that_were_planned()
    {
        await store.Direct.Begin(key, Cancel);
        await Put(1);
        await Put(3);

        Assert.Equal(NotAsPlanned, await store.Direct.Join(key, owner, Parts, Cancel));
        Assert.Null(await store.Objects.Open(key, Cancel));
        await Put(2);
        Assert.Equal(NotAsPlanned, await store.Direct.Join(key, owner, [new(1, PartBytes), new(2, PartBytes)], Cancel));
        Assert.Null(await store.Objects.Open(key, Cancel));
        Assert.Equal(Joined, await store.Direct.Join(key, owner, Parts, Cancel));
        await IsWhole();
    }

    public async Task What_is_whole_is_changed_by_no_address()
    {
        await store.Direct.Begin(key, Cancel);
        var address = await Address(1);
        await PutAll();
        Assert.Equal(Joined, await store.Direct.Join(key, owner, Parts, Cancel));
        await IsWhole();

        await put(store, address, new byte[PartBytes]);
        Assert.Equal(Joined, await store.Direct.Join(key, owner, Parts, Cancel));
        await IsWhole();
    }

    public async Task What_is_deleted_leaves_nothing_and_takes_nothing()
    {
        await store.Direct.Begin(key, Cancel);
        await PutAll();

        await store.Objects.Delete(key, Cancel);
        await store.Direct.Discard(key, Cancel);

        Assert.Empty(await store.Direct.Stored(key, Cancel));
        Assert.Equal(NotAsPlanned, await store.Direct.Join(key, owner, Parts, Cancel));
        Assert.Null(await store.Objects.Open(key, Cancel));
        Assert.Empty(await store.Objects.List("", Cancel).ToListAsync(Cancel));
    }

    public async Task Of_many_that_make_it_whole_at_once_all_get_the_same()
    {
        await store.Direct.Begin(key, Cancel);
        await PutAll();

        var nodes = Enumerable.Range(0, 4).Select(_ => another()).ToList();
        var joins = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Direct.Join(key, owner, Parts, Cancel))));

        Assert.DoesNotContain(NotAsPlanned, joins);
        Assert.Contains(Joined, joins);
        await IsWhole();
    }

    /// <summary>Another node goes on where one was killed, which the adapter's own test has made so.</summary>
    public async Task What_was_begun_is_ended_by_another(Func<ObjectKey, byte[], Task> die)
    {
        await store.Direct.Begin(key, Cancel);
        await PutAll();
        await die(key, bytes);

        Assert.Equal(Joined, await another().Direct.Join(key, owner, Parts, Cancel));
        await IsWhole();
    }

    private async Task PutAll()
    {
        foreach (var part in Parts)
            Assert.True(await Put(part.Number));
    }

    private async Task<bool> Put(int number, byte[]? other = null, DirectStore? at = null) =>
        await put(at ?? store, await Address(number, at: at), other ?? bytes[((number - 1) * PartBytes)..Math.Min(number * PartBytes, bytes.Length)]);

    private async Task<Uri> Address(int number, TimeSpan? life = null, DirectStore? at = null)
    {
        var found = await (at ?? store).Direct.Addresses(
            key, new FileId(key.AsRaw()!.Value.Value), owner, [Parts[number - 1]],
            TimeProvider.System.GetUtcNow() + (life ?? TimeSpan.FromMinutes(5)), Cancel);
        return Assert.Single(found!).Address;
    }

    private async Task IsWhole()
    {
        var whole = await another().Objects.Seal(key, Cancel);
        Assert.Equal((bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), (whole.SizeBytes, whole.Sha256));
        await using var content = (await another().Objects.Open(key, Cancel))!;
        var read = new byte[bytes.Length];
        Assert.Equal(bytes.Length, content.Length);
        await content.ReadExactlyAsync(read, Cancel);
        Assert.Equal(bytes, read);
    }
}
