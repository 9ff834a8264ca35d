using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Tests.Encryption;
using Microsoft.AspNetCore.DataProtection;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>Parts as files, plain and encrypted.</summary>
public sealed class DirectoryDirectWritesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("ef-direct-").FullName;
    private readonly IDataProtectionProvider keys = new EphemeralDataProtectionProvider();
    private readonly List<IAsyncDisposable> nodes = [];
    private string database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => database = await postgres.CreateDatabase();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Parts_in_any_order_and_again_become_one_object(bool isEncrypted) =>
        On(isEncrypted).Parts_in_any_order_and_again_become_one_object();

    [Fact]
    public Task An_address_is_for_its_part_its_length_and_its_time() => On(true).An_address_is_for_its_part_its_length_and_its_time();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Nothing_is_made_of_parts_that_are_not_those_that_were_planned(bool isEncrypted) =>
        On(isEncrypted).Nothing_is_made_of_parts_that_are_not_those_that_were_planned();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task What_is_whole_is_changed_by_no_address(bool isEncrypted) => On(isEncrypted).What_is_whole_is_changed_by_no_address();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task What_is_deleted_leaves_nothing_and_takes_nothing(bool isEncrypted) => On(isEncrypted).What_is_deleted_leaves_nothing_and_takes_nothing();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Of_many_that_make_it_whole_at_once_all_get_the_same(bool isEncrypted) =>
        On(isEncrypted).Of_many_that_make_it_whole_at_once_all_get_the_same();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task What_was_begun_is_ended_by_another(bool isEncrypted) => On(isEncrypted).What_was_begun_is_ended_by_another(
        async (key, bytes) => await Another(isEncrypted).Objects.Append(key, 0, new MemoryStream(bytes, 0, bytes.Length - 1_000_000), Cancel));

    [Fact]
    public async Task A_part_lies_nowhere_in_plain()
    {
        await On(true).What_was_begun_is_ended_by_another(async (_, bytes) =>
        {
            foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
                Assert.Equal(-1, (await File.ReadAllBytesAsync(file, Cancel)).AsSpan().IndexOf(bytes.AsSpan(100, 32)));
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private DirectWritesContract On(bool isEncrypted) => new(() => Another(isEncrypted), Put);

    private DirectStore Another(bool isEncrypted)
    {
        var node = new EncryptedNode(database, folder, isOn: isEncrypted);
        nodes.Add(node);
        return new DirectStore(new DirectoryDirectWrites(node.Objects, keys, TimeProvider.System), node.Objects);
    }

    // As the product's handler does it; the journeys go through that.
    private static async Task<bool> Put(DirectStore store, Uri address, byte[] bytes)
    {
        if (store.Direct.Open(address.OriginalString) is not { } ticket || ticket.Part.SizeBytes != bytes.Length)
            return false;
        await store.Objects.OwnedBy(ticket.Owner).Put(ObjectKey.Part(ticket.Upload, ticket.Part.Number), new MemoryStream(bytes), Cancel);
        return true;
    }
}
