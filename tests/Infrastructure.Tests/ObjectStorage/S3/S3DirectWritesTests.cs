using System.Globalization;
using System.Net;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Tests.Encryption;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>Parts that clients send to a real S3 server themselves.</summary>
public sealed class S3DirectWritesTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private static readonly HttpClient Client = new();
    private readonly PostgresFixture postgres = postgres;

    [Fact]
    public Task Parts_in_any_order_and_again_become_one_object() => On().Parts_in_any_order_and_again_become_one_object();

    [Fact]
    public Task An_address_is_for_its_part_its_length_and_its_time() => On().An_address_is_for_its_part_its_length_and_its_time();

    [Fact]
    public Task Nothing_is_made_of_parts_that_are_not_those_that_were_planned() =>
        On().Nothing_is_made_of_parts_that_are_not_those_that_were_planned();

    [Fact]
    public Task What_is_whole_is_changed_by_no_address() => On().What_is_whole_is_changed_by_no_address();

    [Fact]
    public async Task What_is_deleted_leaves_nothing_and_takes_nothing()
    {
        await On().What_is_deleted_leaves_nothing_and_takes_nothing();
        Assert.Equal(0, await Node.Unfinished());
        Assert.Empty(await Node.NamesInBucket());
        Assert.Equal(0L, await Node.Sql("select count(*) from eventfiles.object_writes"));
    }

    [Fact]
    public Task Of_many_that_make_it_whole_at_once_all_get_the_same() => On().Of_many_that_make_it_whole_at_once_all_get_the_same();

    // Killed after the server had made one object of the parts and before anybody had read it.
    [Fact]
    public Task What_was_begun_is_ended_by_another() => On().What_was_begun_is_ended_by_another(async (key, bytes) =>
    {
        var (write, multipart) = await Row();
        var name = Node.Names.Of(key, write);
        var parts = await Node.Calls.Parts(name, multipart, Cancel);
        await Node.Calls.Complete(name, multipart, [.. parts.Select(part => (part.Number, part.ETag))], bytes.Length, Cancel);
        Assert.Equal(0, await Node.Unfinished());
    });

    [Fact]
    public async Task An_address_of_what_is_whole_or_gone_is_refused_by_the_server()
    {
        var store = Store();
        var (key, owner) = (NewKey(), new AccountId(Guid.NewGuid()));
        await store.Direct.Begin(key, Cancel);
        var address = (await Addresses(store, key, new DirectPart(1, 3)))!.Single().Address;
        Assert.True(await Put(store, address, [1, 2, 3]));
        Assert.Equal(DirectJoin.Joined, await store.Direct.Join(key, owner, [new(1, 3)], Cancel));

        using (var late = await Client.PutAsync(address, new ByteArrayContent([9, 9, 9]), Cancel))
            Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        Assert.Equal([1, 2, 3], await Read(store.Objects, key));
        Assert.Null(await Addresses(store, key, new DirectPart(1, 3)));

        await store.Objects.Delete(key, Cancel);
        using (var later = await Client.PutAsync(address, new ByteArrayContent([9, 9, 9]), Cancel))
            Assert.Equal(HttpStatusCode.NotFound, later.StatusCode);
        Assert.Empty(await Node.NamesInBucket());
    }

    [Fact]
    public async Task An_address_is_signed_for_the_name_under_which_clients_know_the_server()
    {
        var known = new UriBuilder(Place.Endpoint) { Host = "localhost" }.Uri;
        var store = Store(Place with { DirectUploads = true, PublicEndpoint = known });
        var key = NewKey();
        await store.Direct.Begin(key, Cancel);

        var address = (await Addresses(store, key, new DirectPart(1, 3)))!.Single().Address;
        Assert.Equal(known.Authority, address.Authority);
        Assert.True(await Put(store, address, [1, 2, 3]));
        Assert.Equal([new(1, 3)], await store.Direct.Stored(key, Cancel));
    }

    [Fact]
    public async Task Where_content_is_encrypted_nobody_is_sent_past_it()
    {
        Assert.Null(Node.Direct);
        await using var encrypted = new EncryptedNode(await postgres.CreateDatabase(), null, Place with { DirectUploads = true });
        await using var plain = new EncryptedNode(encrypted.Database, null, Place with { DirectUploads = true }, isOn: false);
        Assert.Null(encrypted.Direct);
        Assert.NotNull(plain.Direct);
    }

    private DirectWritesContract On() => new(() => Store(), Put);

    private DirectStore Store(S3Settings? settings = null)
    {
        var node = Another(settings ?? Place with { DirectUploads = true });
        return new DirectStore(node.Direct!, node.Objects);
    }

    private static Task<IReadOnlyList<DirectAddress>?> Addresses(DirectStore store, ObjectKey key, DirectPart part) =>
        store.Direct.Addresses(key, new FileId(Guid.NewGuid()), default, [part], TimeProvider.System.GetUtcNow().AddMinutes(1), Cancel);

    private async Task<(Guid Write, string Multipart)> Row()
    {
        var row = ((string)(await Node.Sql("select write::text || ' ' || multipart from eventfiles.object_writes where state = 'growing'"))!).Split(' ');
        return (Guid.Parse(row[0], CultureInfo.InvariantCulture), row[1]);
    }

    private static async Task<bool> Put(DirectStore store, Uri address, byte[] bytes)
    {
        using var reply = await Client.PutAsync(address, new ByteArrayContent(bytes), Cancel);
        return reply.IsSuccessStatusCode;
    }
}
